#include "pipeline/lane_chooser.hpp"

#include <algorithm>
#include <bit>

namespace respand::pipeline {
namespace {

template <class Map, class Key>
std::uint64_t groups_of(const Map& map, const Key& key) {
    if (map.empty()) return 0;
    const auto found = map.find(key);
    return found == map.end() ? 0 : found->second;
}

}  // namespace

LaneChooser::LaneChooser(const std::vector<LaneSettings>& lanes) {
    for (std::size_t i = 0; i < std::min(lanes.size(), kMaxLanes); ++i) {
        if (lanes[i].weight == 0) continue;
        const LaneMatch match = lanes[i].match.normalised();
        auto group = std::ranges::find(groups_, match, &Group::match);
        if (group == groups_.end()) {
            index(match, Groups{1} << groups_.size());
            groups_.push_back({match, {}});
            group = groups_.end() - 1;
        }
        group->members.push_back({i + 1, lanes[i].weight, 0});
    }
}

void LaneChooser::index(const LaneMatch& match, Groups bit) {
    if (match.models.empty()) any_model_ |= bit;
    if (match.customers.empty()) any_customer_ |= bit;
    if (match.uids.empty()) any_uid_ |= bit;
    for (const std::string& model : match.models) {
        if (model.ends_with('*'))
            prefixes_.emplace_back(model.substr(0, model.size() - 1), bit);
        else
            models_[model] |= bit;
    }
    for (const std::string& customer : match.customers) customers_[customer] |= bit;
    for (const std::uint32_t uid : match.uids) uids_[uid] |= bit;
}

std::size_t LaneChooser::choose_among_groups(const LaneFacts& facts) {
    Groups matching = any_model_ | groups_of(models_, facts.model);
    for (const auto& [start, groups] : prefixes_)
        if (facts.model.starts_with(start)) matching |= groups;
    matching &= any_customer_ | (facts.customer.empty() ? 0 : groups_of(customers_, facts.customer));
    matching &= any_uid_ | (facts.uid == LaneFacts::kNobody ? 0 : groups_of(uids_, facts.uid));
    if (matching == 0) return kDefault;
    Group& group = groups_[static_cast<std::size_t>(std::countr_zero(matching))];
    return group.members.size() == 1 ? group.members.front().lane : next_member(group);
}

/// Each member earns its weight; the richest is chosen and pays what all have earned.
std::size_t LaneChooser::next_member(Group& group) {
    std::int64_t total = 0;
    Member* richest = &group.members.front();
    for (Member& member : group.members) {
        member.credit += member.weight;
        total += member.weight;
        if (member.credit > richest->credit) richest = &member;
    }
    richest->credit -= total;
    return richest->lane;
}

}  // namespace respand::pipeline
