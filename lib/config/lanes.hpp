// [[lane]]: what each inherits from [upload], and what holds among all of them. Inside this room only.
#pragma once
#include "config/config.hpp"

namespace respand::config {

/// A configuration of which one lane is all: its route in `lanes`, the rest where the keys of [upload] have
/// their slots. So those keys read and print a lane without knowing of lanes.
Config scratch_of(const LaneConfig& lane);
LaneConfig from_scratch(Config scratch);

/// What is wrong with a lane in view of the others; nothing is wrong: empty.
std::string fault_among_lanes(const Config& config, std::size_t index);

}  // namespace respand::config
