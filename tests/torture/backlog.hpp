// Start-up with a long queue.
#pragma once
#include "fault.hpp"

namespace respand::torture {

class Backlog final : public Fault {
  public:
    static constexpr std::uint64_t kUsualRuns = 1'000'000;  ///< records that wait
    std::string name() const override { return "backlog"; }
    std::string what() const override {
        return "start-up with a million records waiting (ten with --scale 10): time until it is ready, and "
               "memory";
    }
    Outcome run(const Plan& plan) override;
};

}  // namespace respand::torture
