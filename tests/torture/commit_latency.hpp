// How long a commit takes while a flood runs, beside one sync of as many bytes on the same disk.
#pragma once
#include "fault.hpp"

namespace respand::torture {

class CommitLatency final : public Fault {
  public:
    static constexpr std::uint64_t kUsualRuns = 1'000;  ///< commits
    std::string name() const override { return "commit-latency"; }
    std::string what() const override {
        return "a flood through the real writer: how long commits take, and that the log stays bounded";
    }
    Outcome run(const Plan& plan) override;
};

}  // namespace respand::torture
