// Which lane a record takes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pipeline/lane_settings.hpp"

namespace respand::pipeline {

/// What is looked at.
struct LaneFacts {
    std::string_view model;
    std::string_view customer;  ///< empty: none
    std::uint32_t uid = kNobody;
    /// A sender that the kernel does not vouch for (UDP) is in no list.
    static constexpr std::uint32_t kNobody = static_cast<std::uint32_t>(-1);
};

/// The first lane in the order of the file that matches; lanes with the same match share their records by
/// weight (smooth weighted round robin: of any run of records each gets its part, spread evenly). Allocates
/// nothing per record. The turn of weights is the only state.
class LaneChooser {
  public:
    /// What choose() says when none matches.
    static constexpr std::size_t kDefault = 0;

    LaneChooser() = default;
    /// At most kMaxLanes, in the order of the file.
    explicit LaneChooser(const std::vector<LaneSettings>& lanes);

    /// 0: the default lane; n: the n-th of those given.
    std::size_t choose(const LaneFacts& facts) {
        return groups_.empty() ? kDefault : choose_among_groups(facts);
    }

  private:
    /// Groups of lanes, one bit each, the first in the file in the lowest bit.
    using Groups = std::uint64_t;
    struct Member {
        std::size_t lane = 0;
        std::int64_t weight = 0;
        std::int64_t credit = 0;
    };
    struct Group {
        LaneMatch match;
        std::vector<Member> members;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Names = std::unordered_map<std::string, Groups, Hash, std::equal_to<>>;

    std::size_t choose_among_groups(const LaneFacts& facts);
    static std::size_t next_member(Group& group);
    void index(const LaneMatch& match, Groups bit);

    std::vector<Group> groups_;
    Groups any_model_ = 0, any_customer_ = 0, any_uid_ = 0;
    Names models_, customers_;
    std::vector<std::pair<std::string, Groups>> prefixes_;
    std::unordered_map<std::uint32_t, Groups> uids_;
};

}  // namespace respand::pipeline
