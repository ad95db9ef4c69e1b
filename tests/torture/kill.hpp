// SIGKILL of the real daemon, under load, against a server that misbehaves.
#pragma once
#include "fault.hpp"

namespace respand::torture {

class Kill final : public Fault {
  public:
    static constexpr std::uint64_t kUsualRuns = 100;
    std::string name() const override { return "kill"; }
    std::string what() const override {
        return "SIGKILL at random moments, all listeners under load, the server failing, slow and resetting";
    }
    Outcome run(const Plan& plan) override;
};

}  // namespace respand::torture
