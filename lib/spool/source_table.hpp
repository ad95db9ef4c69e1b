// Provenance of prices, interned. Inside this room only.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "base/units.hpp"
#include "spool/changes.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Sources kept although nothing in the file refers to them: what was in use lately will be again.
inline constexpr std::int64_t kSourcesKept = 10'000;

class SourceTable {
  public:
    /// Also deletes what is beyond kSourcesKept and not referred to any more. That needs a look into every
    /// chunk, so it is left for another start when the queue is longer than `kMostToLookAt`.
    Status prepare(sqlite::Connection& database, ByteCount live);
    Status insert(std::span<const NewSource> sources);
    Result<std::vector<Source>> all(sqlite::Connection& database);
    SourceId next() const { return next_; }
    void committed(std::span<const NewSource> sources);
    void go_on_from(SourceId next) { next_ = std::max(next_, next); }

    static constexpr ByteCount kMostToLookAt = 64_MiB;

  private:
    sqlite::Statement insert_;
    SourceId next_ = kNoSource + 1;
};

}  // namespace respand::spool
