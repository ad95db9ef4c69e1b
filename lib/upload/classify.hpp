// Reply → verdict: what became of the records and who has to act. Pure; the table of the failure policy.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "upload/answer.hpp"
#include "upload/endpoint.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

enum class Cause : std::uint8_t {
    delivered,       ///< the server took all records
    partly_refused,  ///< it took all but `refused`
    record_fault,    ///< it took none, and a record is to blame: those in `refused`, else isolate it
    operator_fault,  ///< a person must act: key, plan, path, certificate, name
    transient,       ///< try again later, without end
    cancelled,       ///< we ended the exchange ourselves
};
std::string_view name(Cause cause);

struct Verdict {
    Cause cause = Cause::transient;
    int status = 0;  ///< HTTP; 0: no answer came
    /// Rows that the server named, ascending. Empty for a record fault: it did not say which.
    std::vector<RefusedRow> refused;
    std::size_t ignored_rows = 0;  ///< entries of `errors[]` that make no sense
    std::size_t unnamed_rows =
        0;                   ///< rows the server says it refused beside others it took, without saying which
    bool too_large = false;  ///< 413: smaller requests may pass
    bool no_such_call = false;  ///< operator fault 404 or 405: the other call may be there all the same
    bool limited = false;       ///< transient 429: this call is used too much, the server itself is well
    bool blames_key = false;    ///< operator fault whatever the records hold (401, 402, 407, 3xx, TLS, DNS)
    std::optional<std::chrono::milliseconds> wait;  ///< what the server asked for (transient only)
    std::string reason;  ///< for logs and `status`: what happened, where, what to do. Never the key
    std::string answer;  ///< for the dead letter, at most kMaxAnswerBytes. May quote records: not for logs
};

/// What the verdict's words and times need to know.
struct Exchange {
    std::string_view url;     ///< where the request went
    std::size_t records = 0;  ///< in the request
    Endpoint endpoint = Endpoint::bulk;
    WallTime now{};
};

/// Tolerates every answer. A 2xx that can't be read means delivered, because to send again would only make
/// duplicates; with two exceptions in bulk mode, where it would hide refusals: a 2xx that says that nothing
/// was taken, or that was too large to read, is a record fault as long as the batch can still be split.
Verdict classify(const Reply& reply, const Exchange& exchange);

}  // namespace respand::upload
