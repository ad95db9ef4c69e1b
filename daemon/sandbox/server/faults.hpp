// Faults on request: what the sandbox breaks on purpose, how often, and the state that decides for each
// request.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace respand::sandbox {

/// This share of the requests is answered with this status.
struct FailShare {
    int status = 500;   ///< 300 to 599
    double rate = 1.0;  ///< share of the requests, 0 to 1
};

/// Everything that can be broken. The default breaks nothing. Faults touch the two logging calls only.
struct Faults {
    std::vector<FailShare> fail;              ///< shares must not add up to more than 1
    std::vector<std::string> fail_models;     ///< rows of these models are refused, their neighbours are not
    std::optional<std::uint64_t> fail_count;  ///< after so many failed or reset requests, all succeed
    std::chrono::microseconds latency{0};     ///< wait before every answer, at most kMaxLatency
    double reset_rate = 0;                    ///< share of the requests whose connection is reset unanswered
    bool ambiguous = false;                   ///< rows count before the failure (or the reset) is sent
    std::optional<unsigned> retry_after;      ///< seconds, sent in header and body of every failure
    std::optional<std::string> fail_body;     ///< sent instead of the JSON of a failure (a proxy's HTML, say)
    std::uint64_t seed = 1;                   ///< same seed, same order of faults

    Status validate() const;
};
inline constexpr std::chrono::minutes kMaxLatency{10};

/// Reads a share of the requests: "0.1" or "10%".
Result<double> parse_rate(std::string_view text);
/// Reads "500", "500:0.1" or "500:10%".
Result<FailShare> parse_fail(std::string_view text);
/// Reads the body of POST /faults. A key that is absent is off; an unknown key is an error.
Result<Faults> parse_faults(std::string_view json);
/// The same shape as parse_faults() reads.
std::string to_json(const Faults& faults);

/// What happens to one request.
struct FaultDecision {
    int status = 0;  ///< 0: none of the failures
    bool reset = false;
    bool any() const { return status != 0 || reset; }
};

/// Draws one decision per request. One thread.
class FaultPlan {
  public:
    explicit FaultPlan(Faults faults);
    FaultDecision next();
    /// True when rows of this model are to be refused.
    bool refuses_model(std::string_view model) const;
    const Faults& faults() const { return faults_; }

  private:
    Faults faults_;
    std::mt19937_64 random_;
    std::uint64_t failed_ = 0;
};

}  // namespace respand::sandbox
