// How a lane is doing, as plain values for `status` and metrics.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "upload/classify.hpp"
#include "upload/endpoint.hpp"

namespace respand::upload {

enum class LaneState : std::uint8_t {
    idle,  ///< nothing to send
    sending,
    pacing,       ///< keeping to bulk_requests_per_minute
    backing_off,  ///< the server is away or asked to wait
    stopped,      ///< an operator must act (key, plan, path, certificate); a slow probe goes on
    paused,       ///< on an operator's word, until he resumes it
    closed,       ///< stop() was called
};
inline constexpr std::size_t kLaneStates = 7;
std::string_view name(LaneState state);

/// How a request ended.
enum class RequestOutcome : std::uint8_t {
    delivered,
    partly_refused,
    refused,         ///< for what the records hold; a batch is then sent again in parts
    operator_fault,  ///< key, plan, path, certificate
    limited,         ///< 429
    server_error,    ///< any other answer that says "later"
    no_answer,       ///< connection, TLS, time-out
    cancelled,       ///< we were stopping
};
inline constexpr std::size_t kRequestOutcomes = 8;
std::string_view name(RequestOutcome outcome);
RequestOutcome outcome_of(const Verdict& verdict);

/// Seconds from sending to the end of the answer.
inline constexpr std::array kLatencyBounds{0.005, 0.01, 0.025, 0.05, 0.1,  0.25, 0.5,
                                           1.0,   2.5,  5.0,   10.0, 30.0, 60.0};
/// Records in a request.
inline constexpr std::array kRowBounds{1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 499.0, 500.0};

/// Of one of the API's calls, since the start.
struct EndpointCounters {
    std::array<std::uint64_t, kRequestOutcomes> requests{};  ///< by RequestOutcome
    std::uint64_t bytes = 0;                                 ///< of request bodies
    Histogram latency{kLatencyBounds};                       ///< of requests that were answered
    Histogram rows{kRowBounds};
};

/// Since the start.
struct LaneCounters {
    std::array<EndpointCounters, kEndpoints> endpoints;  ///< by Endpoint
    std::uint64_t requests = 0, failures = 0, retries = 0;
    std::uint64_t delivered = 0, dead = 0;  ///< records
    /// Written without an answer, and sent again: the server may have them twice.
    std::uint64_t duplicate_requests = 0, duplicate_records = 0;
    std::uint64_t backoffs = 0;  ///< transient faults
    std::uint64_t stops = 0;     ///< operator faults that stopped the lane
    std::uint64_t paced = 0;     ///< waits for bulk's pace with records to send
    std::chrono::microseconds paced_for{0};
};

struct LaneStatus {
    LaneState state = LaneState::idle;
    std::string reason;      ///< why it is stopped or backing off, for people; empty otherwise
    std::string last_error;  ///< the last fault, kept after recovery; empty: none yet
    WallTime last_error_at{};
    WallTime last_success_at{};  ///< epoch: never
    std::chrono::microseconds next_attempt_in{0};
    std::uint32_t in_flight = 0;        ///< requests
    std::uint32_t concurrency = 0;      ///< requests that may be in flight just now
    std::uint32_t faults_in_a_row = 0;  ///< what the back-off grows with
    std::uint64_t in_hand = 0;          ///< records fetched and not settled: in flight, or to be sent again
    std::optional<Endpoint> lacking;    ///< the call that the server does not have
    std::uint64_t body_limit = 0;       ///< bytes; below max_body when the server refused larger ones
    std::chrono::microseconds create_takes{0};  ///< mean time of a /create/ request
    LaneCounters counters;
};

}  // namespace respand::upload
