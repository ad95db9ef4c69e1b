// Records that came before: the ids of the last day, or as many as fit.
#pragma once
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "ingest/sink.hpp"
#include "spool/changes.hpp"

namespace respand::pipeline {

/// Names a record by who sent it and the id that it was given: an id alone would let one sender hide
/// another's records. Who: the user of a Unix sender, everybody together over UDP, each listener for itself.
spool::RecordHash record_hash(const ingest::Origin& origin, std::string_view record_id);

/// The ids that are remembered, in memory as in the spool. I/O thread only.
class DuplicateWindow {
  public:
    /// False: it is remembered already. True: it was not, and is from now on, until the spool forgets it.
    bool add(const spool::RecordHash& hash) {
        if (!known_.insert(hash).second) return false;
        fresh_.push_back(hash);
        return true;
    }
    /// Those that the spool does not have yet; go into the same commit as their records.
    std::vector<spool::RecordHash> take_fresh() { return std::exchange(fresh_, {}); }

    /// What the spool remembered at the start.
    void restore(const spool::RecordHash& hash) { known_.insert(hash); }
    /// What the spool has forgotten.
    void forget(const std::vector<spool::RecordHash>& hashes) {
        for (const spool::RecordHash& hash : hashes) known_.erase(hash);
    }
    std::size_t size() const { return known_.size(); }

  private:
    /// The hash is one already.
    struct FirstBytes {
        std::size_t operator()(const spool::RecordHash& hash) const {
            std::size_t bytes = 0;
            std::memcpy(&bytes, hash.data(), sizeof bytes);
            return bytes;
        }
    };
    std::unordered_set<spool::RecordHash, FirstBytes> known_;
    std::vector<spool::RecordHash> fresh_;
};

}  // namespace respand::pipeline
