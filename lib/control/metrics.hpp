// GET /metrics: how the daemon is doing, for Prometheus.
#pragma once
#include <string>

#include "pipeline/status.hpp"

namespace respand::control {

/// All metrics, named in README.md. Counters named respand_records_* and respand_priced_total are those of
/// the ledger, so they outlive the process; those of the lane and of the listeners begin at its start.
std::string metrics_text(const pipeline::Status& status);

}  // namespace respand::control
