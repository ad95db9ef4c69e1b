// What the control socket answers: questions → JSON.
#pragma once
#include <functional>
#include <string>

#include "control/router.hpp"
#include "pipeline/status.hpp"
#include "spool/audit.hpp"

namespace respand::control {

/// Where the answers come from. Both may answer later, on the I/O thread.
struct Sources {
    std::function<void(std::function<void(pipeline::Status)>)> status;
    std::function<void(std::function<void(Result<spool::Audit>)>)> audit;
};

/// GET /status, GET /metrics, GET /audit.
void add_status_routes(Router& router, Sources sources);

/// The JSON of GET /status. Times are RFC 3339 or null, durations seconds, sizes bytes.
std::string status_json(const pipeline::Status& status);
/// The JSON of GET /audit: {"ok":bool,"faults":[…],"pending":n,"dead":n,"lanes":[…],"balance":[one object an
/// equation, with its lines, both sums and the difference],"ledger":{account:{reason:n}}}.
std::string audit_json(const spool::Audit& audit);

}  // namespace respand::control
