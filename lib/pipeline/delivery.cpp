#include "pipeline/delivery.hpp"

#include <algorithm>
#include <utility>

namespace respand::pipeline {
namespace {

/// How long the last requests of a lane that is gone may take to end.
constexpr std::chrono::seconds kLeaveGrace{10};

}  // namespace

Delivery::Lane* Delivery::find(const std::string& name) {
    const auto found = std::ranges::find_if(lanes_, [&](const auto& lane) { return lane->name == name; });
    return found == lanes_.end() ? nullptr : found->get();
}

void Delivery::apply(const std::vector<LanePlan>& plans) {
    std::vector<std::unique_ptr<Lane>> next;
    for (const LanePlan& plan : plans) {
        auto known = std::ranges::find_if(
            lanes_, [&](const auto& lane) { return lane && lane->name == plan.route.name; });
        if (known == lanes_.end()) {
            next.push_back(make(plan));
            continue;
        }
        Lane& lane = **known;
        lane.transport->use(plan.destination);
        lane.uploader->reload(plan.upload);
        lane.base_url = plan.upload.base_url;
        lane.mode = upload::name(plan.upload.mode);
        next.push_back(std::move(*known));
    }
    std::swap(lanes_, next);
    for (auto& lane : next) {
        if (!lane) continue;
        // Nobody sends what it gives back: that is for whoever took the lane out to say.
        if (const auto by = given_.find(lane->id); by != given_.end()) {
            source_.stand_in(lane->id, lane->id);
            spdlog::warn("lane '{}' is gone: '{}' no longer stands in for it", lane->name,
                         name_of(by->second));
            given_.erase(by);
        }
        leaving_.push_back(std::move(lane));
        end(*leaving_.back(), kLeaveGrace);
    }

    std::map<spool::LaneId, Fallbacks::Rule> rules;
    for (const LanePlan& plan : plans)
        if (const Lane* to = find(plan.route.fallback)) rules[plan.id] = {to->id, plan.route.fallback_after};
    fallbacks_.set(std::move(rules));
    if (started_) tick();
}

std::unique_ptr<Delivery::Lane> Delivery::make(const LanePlan& plan) {
    auto lane = std::make_unique<Lane>(plan.route.name, plan.id, plan.upload.base_url,
                                       std::string(upload::name(plan.upload.mode)),
                                       upload::make_beast_transport(io_, plan.destination), nullptr);
    lane->uploader = upload::Uploader::make(io_, clock_, plan.upload, plan.id, source_, *lane->transport, 0,
                                            plan.route.name == kDefaultLaneName ? "" : plan.route.name);
    if (started_) lane->uploader->start();
    return lane;
}

void Delivery::start() {
    started_ = true;
    for (const auto& lane : lanes_) lane->uploader->start();
}

/// The uploader ends its requests and gives back what it holds; then the lane goes, if it is one that left.
void Delivery::end(Lane& lane, std::chrono::microseconds grace) {
    ++ending_;
    lane.uploader->stop(grace, [this, &lane] {
        lane.transport->cancel();
        std::erase_if(leaving_, [&](const auto& other) { return other.get() == &lane; });
        if (--ending_ == 0 && stopped_) std::exchange(stopped_, nullptr)();
    });
}

void Delivery::stop(std::chrono::microseconds grace, std::function<void()> done) {
    stopped_ = std::move(done);
    started_ = false;
    for (const auto& lane : lanes_) end(*lane, grace);
}

void Delivery::tick() {
    if (!started_) return;
    std::set<spool::LaneId> stopped;
    for (const auto& lane : lanes_)
        if (lane->uploader->status().state == upload::LaneState::stopped) stopped.insert(lane->id);
    auto given = fallbacks_.update(clock_.steady(), stopped);
    for (const auto& [lane, by] : given_) {
        if (given.contains(lane)) continue;
        source_.stand_in(lane, lane);
        spdlog::warn("lane '{}' sends its records itself again, '{}' no longer stands in", name_of(lane),
                     name_of(by));
    }
    for (const auto& lane : lanes_) {
        const auto by = given.find(lane->id);
        if (by == given.end()) continue;
        const auto before = given_.find(lane->id);
        if (before == given_.end() || before->second != by->second) {
            source_.stand_in(lane->id, by->second);
            spdlog::error("lane '{}' is stopped: '{}' sends its records until it is mended", lane->name,
                          name_of(by->second));
        }
        lane->uploader->hand_over();
    }
    given_ = std::move(given);
}

const std::string& Delivery::name_of(spool::LaneId id) const {
    static const std::string kGone = "(gone)";
    for (const auto& lane : lanes_)
        if (lane->id == id) return lane->name;
    return kGone;
}

Result<Delivery::Lane*> Delivery::named(const std::string& name) {
    if (Lane* lane = find(name)) return lane;
    return fail(ErrorKind::no_input,
                "there is no lane '" + name + "' in the configuration; respanctl lane list shows them");
}

Result<upload::LaneState> Delivery::retry(const std::optional<std::string>& name) {
    if (!name) {
        for (const auto& lane : lanes_) lane->uploader->retry();
        return lanes_.front()->uploader->status().state;
    }
    const auto lane = named(*name);
    if (!lane) return std::unexpected(lane.error());
    (*lane)->uploader->retry();
    return (*lane)->uploader->status().state;
}

Result<upload::LaneState> Delivery::pause(const std::string& name) {
    const auto lane = named(name);
    if (!lane) return std::unexpected(lane.error());
    (*lane)->uploader->pause();
    tick();
    return (*lane)->uploader->status().state;
}

Result<upload::LaneState> Delivery::resume(const std::string& name) {
    const auto lane = named(name);
    if (!lane) return std::unexpected(lane.error());
    (*lane)->uploader->resume();
    return (*lane)->uploader->status().state;
}

std::vector<LaneReport> Delivery::report(const spool::Totals& totals,
                                         const std::map<spool::LaneId, std::string>& names) const {
    std::vector<LaneReport> out;
    const auto spool_part = [&](spool::LaneId id) {
        const auto found = totals.lanes.find(id);
        return found == totals.lanes.end() ? spool::LaneTotals{} : found->second;
    };
    for (const auto& lane : lanes_) {
        const auto by = given_.find(lane->id);
        out.push_back({lane->name, lane->id, lane->base_url, lane->mode, false,
                       by == given_.end() ? "" : name_of(by->second), spool_part(lane->id),
                       lane->uploader->status()});
    }
    for (const auto& [id, name] : names) {
        const bool configured =
            std::ranges::any_of(lanes_, [wanted = id](const auto& lane) { return lane->id == wanted; });
        const spool::LaneTotals left = spool_part(id);
        if (configured || (left.records == 0 && left.dead == 0)) continue;
        LaneReport report;
        report.name = name;
        report.id = id;
        report.gone = true;
        report.spool = left;
        report.status.state = upload::LaneState::closed;
        out.push_back(std::move(report));
    }
    return out;
}

}  // namespace respand::pipeline
