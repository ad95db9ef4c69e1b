// Which lane stands in for which. Pure.
#pragma once
#include <chrono>
#include <map>
#include <set>

#include "base/clock.hpp"
#include "spool/chunk.hpp"

namespace respand::pipeline {

/// A lane that an operator must mend is given to its fallback after a while, and takes its own again as soon
/// as it is mended. A fallback that is itself given away passes on to its own fallback.
class Fallbacks {
  public:
    struct Rule {
        spool::LaneId to = spool::kDefaultLane;
        std::chrono::microseconds after{};
    };

    /// By lane; must not lead in a circle.
    void set(std::map<spool::LaneId, Rule> rules) { rules_ = std::move(rules); }
    /// Who sends the records of the lanes that don't send them themselves.
    std::map<spool::LaneId, spool::LaneId> update(SteadyTime now, const std::set<spool::LaneId>& stopped) {
        std::erase_if(since_, [&](const auto& entry) { return !stopped.contains(entry.first); });
        std::map<spool::LaneId, spool::LaneId> given;
        for (const spool::LaneId lane : stopped) {
            const SteadyTime since = since_.try_emplace(lane, now).first->second;
            const auto rule = rules_.find(lane);
            if (rule != rules_.end() && now - since >= rule->second.after) given[lane] = rule->second.to;
        }
        for (auto& [lane, by] : given)
            for (auto next = given.find(by); next != given.end(); next = given.find(by)) by = next->second;
        return given;
    }

  private:
    std::map<spool::LaneId, Rule> rules_;
    std::map<spool::LaneId, SteadyTime> since_;  ///< stopped
};

}  // namespace respand::pipeline
