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
    /// Gives the id that name, unless it has one, or another has the name: then one made of both.
    Status keep(sqlite::Connection& database, LaneId id, std::string name);
    /// The lane of that name, made when there is none. A transaction of its own.
    Result<LaneId> add(sqlite::Connection& database, std::string_view name);

  private:
    Status write(sqlite::Connection& database, LaneId id, std::string_view name);

    std::map<LaneId, std::string> names_;
};

}  // namespace respand::spool
