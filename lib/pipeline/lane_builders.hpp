// Records → the chunks of their lanes.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/chunk_builder.hpp"
#include "pipeline/lane_chooser.hpp"

namespace respand::pipeline {

/// Lanes as the intake needs them: the rules, and the spool's id of each lane in the same order.
struct Routing {
    std::vector<LaneSettings> lanes;
    std::vector<spool::LaneId> ids;
};

/// One chunk is filled for each lane; all are emitted together at the end of a drain. I/O thread only.
class LaneBuilders {
  public:
    LaneBuilders(std::function<void(spool::NewChunk)> emit, std::function<std::string()> body)
        : emit_(std::move(emit)), body_(std::move(body)) {
        set({});
    }

    /// From the next record on.
    void set(const Routing& routing) {
        chooser_ = LaneChooser(routing.lanes);
        by_index_ = {&builder(spool::kDefaultLane)};
        for (const spool::LaneId id : routing.ids) by_index_.push_back(&builder(id));
    }

    /// The builder of the lane that such a record takes.
    ChunkBuilder& choose(const LaneFacts& facts) { return *by_index_[chooser_.choose(facts)]; }

    void finish() {
        for (auto& [id, builder] : builders_) builder.finish();
    }
    std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& [id, builder] : builders_) sum += builder.bytes();
        return sum;
    }

  private:
    ChunkBuilder& builder(spool::LaneId id) {
        return builders_
            .try_emplace(
                id,
                [this, id](spool::NewChunk chunk) {
                    chunk.lane = id;
                    emit_(std::move(chunk));
                },
                body_)
            .first->second;
    }

    std::function<void(spool::NewChunk)> emit_;
    std::function<std::string()> body_;
    LaneChooser chooser_;
    std::map<spool::LaneId, ChunkBuilder> builders_;  ///< those of lanes that are gone stay, empty
    std::vector<ChunkBuilder*> by_index_;             ///< as LaneChooser counts
};

}  // namespace respand::pipeline
