// What the control socket tells of the queue, and does with dead letters.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "control/router.hpp"
#include "pipeline/spool_writer.hpp"

namespace respand::control {

/// Records or dead letters that a list shows when no number is asked for.
inline constexpr std::uint64_t kListed = 50;

/// GET /queue, /queue/show, /queue/export. README.md lists the parameters.
void add_queue_routes(Router& router, pipeline::SpoolWriter& writer);

/// GET /dead, /dead/show, /dead/export; POST /dead/requeue, /dead/discard. `requeued` is called when records
/// became pending again.
void add_dead_routes(Router& router, pipeline::SpoolWriter& writer,
                     std::function<void(std::uint64_t)> requeued);

/// A lane by name, or by number; `no_input` when there is none. Spool thread.
Result<spool::LaneId> lane_named(const spool::Spool& spool, const std::string& name);

/// A body of records, one a line. The first line says where the next page begins: {"next":"0.12.3"} or
/// {"next":null}. Line ends inside a record (white space of its JSON) become blanks.
std::string export_page(const std::string& next, const std::vector<std::string>& records);

}  // namespace respand::control
