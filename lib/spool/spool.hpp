// The durable queue: chunks, what became of their records, dead letters, and the ledger, in one SQLite file.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "spool/audit.hpp"
#include "spool/chunk.hpp"
#include "spool/ledger.hpp"
#include "spool/spool_settings.hpp"

namespace respand::spool {

/// A run of records of one chunk that the server took.
struct Delivered {
    ChunkId chunk = 0;
    std::uint32_t chunk_records = 0;  ///< records in the whole chunk
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

/// One record that the server refused for good.
struct Parked {
    ChunkId chunk = 0;
    std::uint32_t chunk_records = 0;
    std::uint32_t index = 0;
    LaneId lane = kDefaultLane;
    WallTime created{};
    int status = 0;           ///< HTTP status
    std::string_view answer;  ///< what the server said; must stay until commit() returns
    std::string_view body;    ///< the record; must stay until commit() returns
};

/// Everything that one transaction makes durable.
struct Changes {
    std::vector<NewChunk> append;
    std::vector<Delivered> delivered;
    std::vector<Parked> parked;
    Ledger ledger;  ///< amounts beside accepted, delivered and dead, which follow from the rows
    bool empty() const { return append.empty() && delivered.empty() && parked.empty() && ledger.empty(); }
};

/// Figures for `status`. Kept in memory, in step with the file.
struct Totals {
    Ledger ledger;
    std::uint64_t pending = 0;  ///< records not yet settled
    std::uint64_t chunks = 0;
    std::uint64_t dead = 0;  ///< dead letters in the file
    ByteCount live{};        ///< bodies of chunks and dead letters
    WallTime oldest{};       ///< arrival of the oldest pending record; epoch: none
};

/// The part of the totals that decides whether more may come in.
struct Standing {
    std::uint64_t pending = 0;  ///< records
    ByteCount live{};
};

/// All calls on one thread (the spool thread). The file can be read by others at the same time (plain SQL).
class Spool {
  public:
    /// "rspd": marks the file as ours (PRAGMA application_id).
    static constexpr std::int64_t kApplicationId = 0x72737064;
    static constexpr std::int64_t kSchemaVersion = 1;

    /// Opens or creates the file and takes its lock. Refuses what is not ours; never overwrites it.
    static Result<std::unique_ptr<Spool>> open(const SpoolSettings& settings);
    ~Spool();

    /// One transaction, synced to disk: when it returns success, all of it survives a power loss; else
    /// nothing of it happened. Records that were settled before are not counted again.
    Status commit(const Changes& changes);

    /// The oldest chunks of the lane with an id above `after` that hold unsettled records: as many as fit
    /// into `max_records` and `max_bytes` together, and at least one.
    Result<std::vector<Chunk>> read(LaneId lane, ChunkId after, std::size_t max_records,
                                    std::size_t max_bytes);

    Totals totals() const;
    /// What a writer needs to know after each commit; cheap.
    Standing standing() const;
    Result<Audit> audit();

    /// Size of the write-ahead log after the last commit.
    ByteCount wal_size() const;
    /// What the file system has left for the daemon's user.
    ByteCount free_space() const;
    /// Room inside the file, left by what was delivered.
    ByteCount free_pages() const;
    /// Empties the write-ahead log, unless somebody reads just now.
    Status checkpoint();
    /// Gives free pages back to the file system when they are `worth_it` and little else is left in the file.
    Status shrink(ByteCount worth_it = 64_MiB);

    const std::string& path() const;

  private:
    struct Impl;
    explicit Spool(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Moves the bulk of a spool's write-ahead log into the file, on a connection and thread of its own, beside
/// the writer. Called when wal_size() is over kCheckpointAt, so that a check-point never falls into a commit.
Status checkpoint_beside(const std::string& path);
inline constexpr ByteCount kCheckpointAt{16ULL << 20};
/// When the log is this long although check-points ran beside, the writer itself finishes the job between two
/// commits.
inline constexpr ByteCount kWalLimit{128ULL << 20};

}  // namespace respand::spool
