// What decides which lane a record takes: the match of a [[lane]].
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace respand::pipeline {

/// The [upload] section. Takes what no lane matches.
inline constexpr std::string_view kDefaultLaneName = "default";
/// Lanes beside the default: as many as a word has bits, which is how they are looked up.
inline constexpr std::size_t kMaxLanes = 64;

/// All lists that are not empty must hold; each is "any of".
struct LaneMatch {
    std::vector<std::string> models{};     ///< exact, or the start of a name and '*'
    std::vector<std::string> customers{};  ///< customer_identifier
    std::vector<std::uint32_t> uids{};     ///< users that send over a Unix socket

    /// Sorted and without repetitions: equal for lists that mean the same.
    LaneMatch normalised() const;
    bool operator==(const LaneMatch&) const = default;
};

struct LaneSettings {
    static constexpr std::size_t kMaxName = 64;
    static constexpr std::uint32_t kMaxWeight = 1'000;

    std::string name;
    LaneMatch match;
    /// Share of the records among lanes with the same match; 0: none, it is there for others to fall back on.
    std::uint32_t weight = 1;
    std::string fallback;  ///< name of the lane that stands in; empty: none
    std::chrono::microseconds fallback_after{std::chrono::minutes(5)};

    Status validate() const;
};

}  // namespace respand::pipeline
