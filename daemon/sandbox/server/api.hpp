// The logging API's documented contract: a request in, an answer out, the books kept. No sockets.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "sandbox/server/faults.hpp"
#include "sandbox/server/http.hpp"
#include "sandbox/server/log_rules.hpp"
#include "sandbox/server/options.hpp"
#include "sandbox/server/rate_limit.hpp"
#include "sandbox/server/stats.hpp"
#include "sandbox/server/tally.hpp"

namespace respand::sandbox {

/// Any thread: one lock is held for the length of a request.
///
/// The order of the checks is that of a server behind a gateway: path, method, injected fault, key, rate,
/// type of the body, its JSON, its shape, its rows. The first that fails makes the answer.
class Api {
  public:
    /// `options` are valid; `clock` must outlive the API.
    Api(Options options, const Clock& clock);

    HttpAnswer handle(const HttpRequest& request);
    /// For a body over Options::max_body, which is not read.
    HttpAnswer body_too_large(std::string_view method, std::string_view target);
    /// For bytes that are not HTTP.
    HttpAnswer malformed(std::string_view reason);

    void connection_opened();
    void connection_closed();

    Stats stats() const;
    std::vector<std::string> logs() const;
    void set_faults(Faults faults);

  private:
    enum class Call : std::uint8_t { create, bulk };

    // Routes.
    HttpAnswer logging_call(Call call, const HttpRequest& request);
    HttpAnswer control_call(std::string_view path, std::string_view query, const HttpRequest& request);
    HttpAnswer fault_control(const HttpRequest& request);

    // Checks of a logging call, in their order.
    HttpAnswer check_and_take(Call call, const HttpRequest& request);
    HttpAnswer injected_fault(Call call, const HttpRequest& request, const FaultDecision& fault);

    // Rows (api_rows.cpp).
    HttpAnswer take_create(std::string_view body);
    HttpAnswer take_bulk(std::string_view body);
    HttpAnswer take_rows(const std::vector<std::string_view>& rows);
    HttpAnswer count_unparsed(Call call, std::string_view body);
    /// Checks one row and enters it into the books; the errors when it is refused.
    std::vector<FieldError> take_row(Call call, std::string_view log);

    /// {"detail": …}, and the reason of the line that is printed.
    HttpAnswer refuse(int status, const std::string& detail);
    /// Enters an answer of the API into the books and prints the lines of the request.
    void finish(const HttpAnswer& answer, std::string_view method, std::string_view target);

    const Options options_;
    const Clock& clock_;
    const std::string create_path_;
    const std::string bulk_path_;

    mutable std::mutex mutex_;  // guards all below
    FaultPlan faults_;
    RateLimit bulk_limit_;
    Tally tally_;
    std::string lines_;   // of the request under way
    std::string reason_;  // why it is refused; empty: it is not
};

}  // namespace respand::sandbox
