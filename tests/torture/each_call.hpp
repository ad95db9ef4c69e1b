// Every call to the disk of every operation, failing in turn.
#pragma once
#include "fault.hpp"

namespace respand::torture {

/// For each operation of the spool, each kind of call and each n: the n-th call fails, once or from then on.
/// What failed has not happened; what was said to have happened has; and when the fault is gone it can be
/// done.
class EachCall final : public Fault {
  public:
    std::string name() const override { return "io-each-call"; }
    std::string what() const override {
        return "every call to the disk of every operation fails in turn, once and for long";
    }
    Outcome run(const Plan& plan) override;
};

}  // namespace respand::torture
