// Power cuts under a spool at work.
#pragma once
#include "fault.hpp"

namespace respand::torture {

/// What the workload does beside committing.
struct Upkeep {
    /// How often it looks after its file between two commits: check-points of both kinds, shrinking, closing
    /// and opening.
    std::uint32_t percent = 0;
    /// How often it sends all dead letters again, or throws them away.
    std::uint32_t dead_percent = 0;
    /// It begins with a file of the first version of the schema, and does little else.
    bool from_version_1 = false;
};

class PowerLoss final : public Fault {
  public:
    static constexpr std::uint64_t kUsualRuns = 600;

    PowerLoss(std::string name, std::string what, Upkeep upkeep, bool cuts_recovery = false)
        : name_(std::move(name)), what_(std::move(what)), upkeep_(upkeep), cuts_recovery_(cuts_recovery) {}
    std::string name() const override { return name_; }
    std::string what() const override { return what_; }
    Outcome run(const Plan& plan) override;

  private:
    std::string name_, what_;
    Upkeep upkeep_;
    bool cuts_recovery_;  ///< the power also goes while the spool opens again
};

}  // namespace respand::torture
