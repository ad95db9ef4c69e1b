// How many records of each model were priced, and how, by day. Inside this room only.
#pragma once
#include <set>
#include <span>
#include <string>
#include <vector>

#include "spool/changes.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Days with records that are kept. Days and not dates: a clock that was wrong for a while spends a few of
/// them and deletes nothing else.
inline constexpr std::int64_t kCoverageDays = 35;
/// Models a day that are kept under their own name; names come from outside.
inline constexpr std::size_t kModelsPerDay = 1'000;
inline constexpr std::string_view kOtherModels = "(others)";

class CoverageTable {
  public:
    Status prepare(sqlite::Connection& database);
    Status add(std::span<const Coverage> deltas);
    Result<std::vector<Coverage>> since(std::int64_t day);

  private:
    Status begin_day(std::int64_t day);
    Status make_room(std::int64_t day);

    sqlite::Statement add_, since_, models_, oldest_kept_, expire_;
    std::int64_t day_ = -1;                // whose models are known; -1: none
    std::set<std::string> models_of_day_;  // may hold names of a transaction that failed: it is tried again
};

}  // namespace respand::spool
