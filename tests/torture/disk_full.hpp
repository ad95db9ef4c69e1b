// A disk that is full to the last block, under the real daemon.
#pragma once
#include "fault.hpp"

namespace respand::torture {

class DiskFull final : public Fault {
  public:
    static constexpr std::uint64_t kUsualRuns = 3;
    /// Bytes: room for the daemon's reserve and for some records.
    static constexpr std::uint64_t kDiskSize = 52 << 20;

    std::string name() const override { return "disk-full"; }
    std::string what() const override {
        return "a small disk filled to the last block while the API is out: intake waits, deliveries go on";
    }
    bool needs_small_disk() const override { return true; }
    Outcome run(const Plan& plan) override;
};

}  // namespace respand::torture
