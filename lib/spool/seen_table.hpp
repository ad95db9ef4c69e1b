// Hashes of records that must not be accepted twice. Inside this room only.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "spool/changes.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Rows are written and deleted in order and looked up by nobody: whoever asks for duplicates keeps the
/// hashes in memory. A row a commit and not a row a hash: a table by hash would write a page of the file for
/// each record of a flood.
class SeenTable {
  public:
    /// Hashes of one row at most, and thereby of one step of expire().
    static constexpr std::size_t kRowHashes = 1'000;
    /// Rows that one step of expire() deletes at most.
    static constexpr std::size_t kStepRows = 100;

    Status prepare(sqlite::Connection& database);
    Status insert(std::span<const RecordHash> hashes, std::int64_t age_us);
    Status each(const std::function<void(const RecordHash&)>& take);
    /// Deletes the oldest rows: those from before `before_us`, and as many as are needed to keep `max_rows`.
    Result<std::vector<RecordHash>> expire(std::int64_t before_us, std::uint64_t max_rows);
    void committed(std::int64_t change) { count_ += change; }

  private:
    sqlite::Statement insert_, all_, oldest_, remove_;
    std::int64_t count_ = 0;  // hashes
};

}  // namespace respand::spool
