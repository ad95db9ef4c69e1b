// Rows of dead letters. Inside this room only.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spool/changes.hpp"
#include "spool/dead_letter.hpp"
#include "spool/tally.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// A dead letter's place and size.
struct DeadFacts {
    DeadLetterId id = 0;
    LaneId lane = kDefaultLane;
    std::uint64_t bytes = 0;
};

class DeadTable {
  public:
    Status prepare(sqlite::Connection& database);
    Status load(sqlite::Connection& database, Totals& totals);

    Status insert(const Parked& parked, WallTime now);
    Status remove(DeadLetterId id);
    Status set_lane(DeadLetterId id, LaneId lane);
    Result<std::optional<DeadLetter>> get(DeadLetterId id);
    Result<DeadLetterId> last();
    Result<std::vector<DeadLetter>> list(sqlite::Connection& database, const DeadFilter& filter,
                                         std::size_t limit, DeadOrder order);
    /// The oldest that the filter lets through, from the index alone.
    Result<std::vector<DeadFacts>> facts(sqlite::Connection& database, const DeadFilter& filter,
                                         std::size_t limit);

  private:
    sqlite::Statement insert_, remove_, set_lane_, get_, last_;
    std::string path_;
};

}  // namespace respand::spool
