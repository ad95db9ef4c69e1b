// Names of lanes. Inside this room only.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "spool/chunk.hpp"
#include "sqlite/connection.hpp"

namespace respand::spool {

/// Bytes of a lane's name.
inline constexpr std::size_t kMaxLaneName = 128;

class LaneTable {
  public:
    Status load(sqlite::Connection& database);
    const std::map<LaneId, std::string>& names() const { return names_; }
    /// The lane of that name, made when there is none. A transaction of its own.
    Result<LaneId> add(sqlite::Connection& database, std::string_view name);

  private:
    std::map<LaneId, std::string> names_;
};

}  // namespace respand::spool
