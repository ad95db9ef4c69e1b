// Reads one lane of the spool, in order, each record once.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "pipeline/fresh_tail.hpp"
#include "pipeline/last_reads.hpp"
#include "pipeline/slices.hpp"
#include "pipeline/spool_writer.hpp"

namespace respand::pipeline {

/// Chunks of which somebody holds records: handed out, and their outcome not committed yet.
class InHand {
  public:
    void add(spool::ChunkId chunk, std::uint64_t records) { records_[chunk] += records; }
    void remove(spool::ChunkId chunk, std::uint64_t records) {
        const auto found = records_.find(chunk);
        if (found == records_.end()) return;
        if (found->second > records)
            found->second -= records;
        else
            records_.erase(found);
    }
    bool contains(spool::ChunkId chunk) const { return records_.contains(chunk); }
    spool::ChunkSet chunks() const {
        spool::ChunkSet set;
        for (const auto& [chunk, records] : records_) set.insert(chunk);
        return set;
    }

  private:
    std::unordered_map<spool::ChunkId, std::uint64_t> records_;
};

/// Hands out each record of its lane once per process, oldest first, or the newest ahead of a backlog while
/// few come (FreshTail). The cursor lives in memory only. Several may take from it: the lane itself, and one
/// that stands in for it. I/O thread only.
class LaneReader {
  public:
    /// What one read brings at most, beyond what was asked for: reads queue behind commits, so they are made
    /// few.
    static constexpr std::size_t kReadAheadRecords = 16 * spool::kMaxChunkRecords;
    static constexpr std::size_t kReadAheadBytes = 16 * spool::kMaxChunkBytes;

    /// What the readers of all lanes have in common; outlives them.
    struct Shared {
        SpoolWriter& writer;
        InHand in_hand{};
        std::shared_ptr<LastReads> last_reads = std::make_shared<LastReads>();
        /// Called when the spool can't be read; the owner sees to it that it is tried again.
        std::function<void(const Error&)> unreadable{};
    };

    /// `pending`: records of the lane that are in the spool now.
    LaneReader(spool::LaneId lane, Shared& shared, std::uint64_t pending)
        : lane_(lane),
          shared_(shared),
          writer_(shared.writer),
          in_hand_(shared.in_hand),
          newest_(shared.writer.level().newest),
          unread_(pending) {}

    using Done = std::function<void(std::vector<upload::Slice>)>;
    /// As BatchSource::fetch says; calls may overlap.
    void fetch(upload::Order order, std::size_t max_records, std::size_t max_bytes, Done done);
    std::uint64_t waiting() const { return ready_records_ + ready_newest_records_ + unread_; }

    /// A commit brought this many records of the lane. True: somebody who found nothing should look again.
    bool appended(std::uint64_t records);
    /// Forgets that nothing was found: true when somebody should look again.
    bool wake();
    /// Records came otherwise than by the writer; there are `pending` in the spool.
    void recount(std::uint64_t pending);
    /// Takes records back that were handed out and not settled; they are the next to be handed out.
    void take_back(std::vector<upload::Slice> slices);
    /// Reads the lane from its start again, as it stands in the spool now: chunks came or went otherwise than
    /// by commits. `pending`: records of the lane in the spool.
    void rewind(std::uint64_t pending);
    /// While frozen nothing is read or handed out: somebody moves what is there.
    void freeze(bool frozen) { frozen_ = frozen; }
    /// Chunks that it has read ahead and would hand out.
    void add_ready(spool::ChunkSet& chunks) const;

  private:
    std::vector<upload::Slice> take(std::size_t max_records, std::size_t max_bytes);
    std::vector<upload::Slice> take_newest(std::size_t max_records, std::size_t max_bytes);
    std::vector<upload::Slice> handed_out(std::vector<upload::Slice> slices);
    void read(std::function<void()> done);
    template <class Then>
    void ask_spool(upload::Order order, spool::ChunkId after, std::size_t max_records, std::size_t max_bytes,
                   Then then);
    void read_was(Result<std::vector<spool::Chunk>> chunks, std::uint64_t epoch);
    void take_over(std::vector<spool::Chunk> chunks);
    void fetch_newest(std::size_t max_records, std::size_t max_bytes, Done done);
    void take_over_newest(std::vector<spool::Chunk> chunks);

    spool::LaneId lane_;
    Shared& shared_;
    SpoolWriter& writer_;
    InHand& in_hand_;
    spool::ChunkId cursor_ = 0;        ///< the last chunk that was read
    std::deque<upload::Slice> ready_;  ///< read, not handed out: at most one read's worth and what came back
    FreshTail tail_;
    std::deque<upload::Slice> ready_newest_;  ///< the same from the tail: at most one small commit's worth
    spool::ChunkId newest_ = 0;               ///< the spool's, after the last commit for this lane
    std::uint64_t ready_records_ = 0;
    std::uint64_t ready_newest_records_ = 0;
    std::uint64_t unread_ = 0;  ///< committed and not read yet; may include settled ones of a former run
    std::vector<std::function<void()>> readers_;  ///< wait for the read that is under way
    bool reading_ = false;
    bool frozen_ = false;
    std::uint64_t epoch_ = 0;      ///< counts rewinds: what was read before one is void
    bool starved_ = false;         ///< the last fetch brought nothing
    bool newest_starved_ = false;  ///< the last fetch of the newest brought nothing
};

}  // namespace respand::pipeline
