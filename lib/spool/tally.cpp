#include "spool/tally.hpp"

namespace respand::spool {
namespace {

/// Never below zero: figures that are wrong must not become huge ones; the audit tells.
void add(std::uint64_t& to, std::int64_t change) {
    const auto size = static_cast<std::uint64_t>(change < 0 ? -change : change);
    to = change >= 0 ? to + size : to - (size < to ? size : to);
}

}  // namespace

void add_up(const std::map<LaneId, LaneChange>& changes, Totals& totals) {
    for (const auto& [id, change] : changes) {
        LaneTotals& lane = totals.lanes[id];
        add(lane.records, change.records);
        add(lane.chunks, change.chunks);
        add(lane.bytes, change.bytes);
        add(lane.dead, change.dead);
        add(lane.dead_bytes, change.dead_bytes);
        add(totals.pending, change.records);
        add(totals.chunks, change.chunks);
        add(totals.dead, change.dead);
        add(totals.live.value, change.bytes + change.dead_bytes);
    }
}

}  // namespace respand::spool
