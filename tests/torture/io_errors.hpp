// Calls to the disk that fail, one by one and for long.
#pragma once
#include "fault.hpp"

namespace respand::torture {

/// SQLITE_FULL and SQLITE_IOERR_* at every call: a commit that fails has not happened, and passes when the
/// fault is gone.
class IoErrors final : public Fault {
  public:
    static constexpr std::uint64_t kUsualRuns = 400;
    std::string name() const override { return "io-error"; }
    std::string what() const override {
        return "SQLITE_FULL and SQLITE_IOERR at the n-th call, once or for long";
    }
    Outcome run(const Plan& plan) override;
};

}  // namespace respand::torture
