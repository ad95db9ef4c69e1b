// The durable queue: chunks, what became of their records, dead letters, and the ledger, in one SQLite file.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "spool/audit.hpp"
#include "spool/changes.hpp"
#include "spool/chunk.hpp"
#include "spool/dead_letter.hpp"
#include "spool/ledger.hpp"
#include "spool/lock_file.hpp"
#include "spool/rescue.hpp"
#include "spool/spool_settings.hpp"
#include "spool/totals.hpp"

namespace respand::spool {

struct Store;

/// Chunks that somebody holds (read, in flight): they are not moved or discarded.
using ChunkSet = std::unordered_set<ChunkId>;

/// What a bounded step over the queue did.
struct QueueStep {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    bool more = false;  ///< the step ended at its bound: call again
};

/// What a check-point beside the writer works on. The descriptor lives at least as long as the spool's
/// connection: closing it earlier would drop the locks that SQLite holds on the file.
struct LogPass {
    std::string path;
    std::shared_ptr<const UniqueFd> file;
};

/// All calls on one thread (the spool thread). The file can be read by others at the same time (plain SQL).
/// Every call that changes something is one transaction, synced to disk: when it returns success, all of it
/// survives a power loss; else nothing of it happened.
class Spool {
  public:
    /// "rspd": marks the file as ours (PRAGMA application_id).
    static constexpr std::int64_t kApplicationId = 0x72737064;

    /// Opens or creates the file and takes its lock. What is another program's or user's, or of a newer
    /// version, is refused and left alone. A damaged file is set aside, and what is readable of it goes into
    /// a fresh one: see rescued(). `clock` must outlive the spool.
    static Result<std::unique_ptr<Spool>> open(const SpoolSettings& settings,
                                               const Clock& clock = system_clock());
    ~Spool();

    /// Records that were settled before, or whose chunk is gone, are not counted again.
    Status commit(const Changes& changes);

    /// The oldest chunks of the lane with an id above `after` that hold unsettled records: as many as fit
    /// into `max_records` and `max_bytes` together, and at least one.
    Result<std::vector<Chunk>> read(LaneId lane, ChunkId after, std::size_t max_records,
                                    std::size_t max_bytes);

    Totals totals() const;
    /// What a writer needs to know after each commit; cheap.
    Standing standing() const;
    Result<Audit> audit();

    // ---- lanes ----

    /// Names by id; 0 is "default".
    const std::map<LaneId, std::string>& lanes() const;
    /// The lane of that name, made when there is none.
    Result<LaneId> add_lane(std::string_view name);
    /// Moves chunks that are not `held`, and dead letters, from one lane to another, a bounded number a call.
    /// Their ids stay, so who reads by id must start over: moved chunks may lie before where it is.
    Result<QueueStep> move(LaneId from, LaneId to, const ChunkSet& held = {});

    // ---- provenance, coverage, duplicates ----

    /// All that are known; read once, after opening.
    Result<std::vector<Source>> sources();
    /// The least id that no source ever had; the caller counts on from here.
    SourceId next_source() const;
    /// Coverage of this day and later ones, by day, model and outcome.
    Result<std::vector<Coverage>> coverage(std::int64_t since_day);
    /// Every hash that is remembered, oldest first; read once, after opening.
    Status each_seen(const std::function<void(const RecordHash&)>& take);
    /// Forgets hashes that are older than `window` and the oldest above `max_rows`, a bounded number a call,
    /// and returns them. Age is time of the queue's own clock (see age_clock.hpp).
    Result<std::vector<RecordHash>> expire_seen(std::chrono::microseconds window, std::uint64_t max_rows);

    // ---- dead letters ----

    /// Without bodies.
    Result<std::vector<DeadLetter>> dead_letters(const DeadFilter& filter, std::size_t limit,
                                                 DeadOrder order = DeadOrder::newest_first);
    /// With its body.
    Result<std::optional<DeadLetter>> dead_letter(DeadLetterId id);
    /// The newest id; 0 when there is none.
    Result<DeadLetterId> last_dead();
    /// Dead letters become pending again, as new chunks of their lane that arrive now. Booked as requeued by
    /// `by_whom`. One bounded step.
    Result<DeadStep> requeue(const DeadFilter& filter, std::string_view by_whom);
    /// Throws dead letters away. Booked as discarded by `by_whom`. One bounded step.
    Result<DeadStep> discard(const DeadFilter& filter, std::string_view by_whom);

    // ---- policy ----

    /// Discards the oldest chunks that are not `held` until `records` or `bytes` are free (what is 0 is not
    /// asked for), whole chunks, a bounded number a call. Booked as discarded, "drop_oldest".
    Result<QueueStep> drop_oldest(std::uint64_t records, std::uint64_t bytes, const ChunkSet& held);
    /// Discards chunks that have been here longer than `max_age` by the queue's own clock. Booked as
    /// discarded, "max_age".
    Result<QueueStep> expire(std::chrono::microseconds max_age, const ChunkSet& held);

    // ---- the file ----

    /// Size of the write-ahead log after the last commit.
    ByteCount wal_size() const;
    /// What the log takes of the disk: it keeps its blocks when it starts again.
    ByteCount wal_blocks() const;
    /// What the file system has left for the daemon's user.
    ByteCount free_space() const;
    /// Room inside the file, left by what was delivered.
    ByteCount free_pages() const;
    /// Empties the write-ahead log, unless somebody reads just now.
    Status checkpoint();
    /// For checkpoint_beside. Changes when a damaged file was replaced.
    LogPass log_pass() const;
    /// Moves what is left of the log into the file and leaves the log its blocks: it starts again with the
    /// next commit. Bytes of the log that are in the file then.
    Result<ByteCount> finish_checkpoint();
    /// Gives free pages back to the file system when they are `worth_it` and little else is left in the file.
    Status shrink(ByteCount worth_it = 64_MiB);

    /// To be called when something here failed with ErrorKind::data: the file is damaged. Does what open()
    /// does with such a file, and goes on with the fresh one; ids of chunks stay. What failed can be tried
    /// again. Not more often than kRecoverInterval, so that a failing memory or disk is not filled with
    /// copies.
    /// Throws when the fresh file can't be opened for longer than a moment: without it nothing can go on
    /// here; a new process can.
    Status recover(const std::string& why);
    static constexpr std::chrono::seconds kRecoverInterval{60};
    /// The last rescue of this process.
    const std::optional<Rescue>& rescued() const { return rescued_; }
    /// Where the write-ahead log was kept as it was found when it had to be put right at opening; empty: it
    /// had not.
    const std::string& log_kept_as() const { return log_kept_as_; }

    const std::string& path() const { return path_; }

  private:
    static const Clock& system_clock();
    Spool(std::string path, const Clock& clock, LockFile lock);
    Result<bool> mend_log();
    Status open_store(bool doubtful);

    std::string path_;
    const Clock& clock_;
    LockFile lock_;  // let go after the database is closed
    std::vector<std::shared_ptr<const UniqueFd>>
        left_open_;  // the same; one for each rescue that failed late
    std::unique_ptr<Store> store_;
    std::optional<Rescue> rescued_;
    std::string log_kept_as_;
    std::optional<SteadyTime> recovered_at_;
};

/// `work(spool)`, and once more after a recovery when it found the file damaged.
template <class Work>
auto recovering(Spool& spool, Work work) {
    auto result = work(spool);
    if (result || result.error().kind != ErrorKind::data) return result;
    if (auto recovered = spool.recover(result.error().message); !recovered)
        return decltype(result)(std::unexpected(recovered.error()));
    return work(spool);
}

/// Moves a spool's write-ahead log into the file, on a connection and thread of its own, beside the writer.
/// Bytes of the log, from its beginning, that are in the file then: what is committed meanwhile is not. The
/// disk is given them in portions (see writeback.hpp).
Result<ByteCount> checkpoint_beside(const LogPass& pass);
/// When the log is this long although check-points ran beside, the writer itself empties it between two
/// commits. A log that is shorter when it starts again keeps its blocks (journal_size_limit).
inline constexpr ByteCount kWalLimit{192ULL << 20};

}  // namespace respand::spool
