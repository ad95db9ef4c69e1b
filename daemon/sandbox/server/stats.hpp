// What the sandbox has counted, as plain numbers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace respand::sandbox {

/// Percentiles of send to arrival, in microseconds, of ids that carry a send time (latency.hpp).
struct LatencySummary {
    std::uint64_t count = 0;
    double mean = 0;
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
    double p999 = 0;
    double max = 0;
};

/// Counted since the start. "Requests" are those of the logging API: /stats, /logs and /faults are not
/// counted.
struct Stats {
    std::uint64_t requests = 0;                       ///< answered or reset
    std::map<int, std::uint64_t> requests_by_status;  ///< answered ones
    std::uint64_t requests_reset = 0;                 ///< connection reset by a fault, instead of an answer
    std::uint64_t requests_failed_on_purpose = 0;     ///< answered by a fault
    std::uint64_t malformed_requests = 0;             ///< what came was not HTTP
    std::uint64_t bytes = 0;                          ///< of request bodies
    std::uint64_t connections = 0;                    ///< accepted
    std::uint64_t open_connections = 0;               ///< right now

    // Rows of requests that were refused whole (a wrong key, no JSON, a fault …) are in none of these.
    std::uint64_t rows_received = 0;  ///< rows_accepted + rows_refused
    std::uint64_t rows_accepted = 0;
    std::uint64_t rows_refused = 0;
    std::uint64_t unique_ids = 0;       ///< different custom_identifiers among the accepted rows
    std::uint64_t duplicate_ids = 0;    ///< accepted rows whose custom_identifier had come before
    std::uint64_t rows_without_id = 0;  ///< accepted rows without custom_identifier
    std::uint64_t untracked_ids = 0;    ///< neither unique nor duplicate: the memory for ids was full
    std::uint64_t missing_ids = 0;      ///< gaps in the sequence numbers of send-time ids
    std::uint64_t secrets_seen = 0;     ///< keys that must not leave the machine, in accepted rows

    LatencySummary latency_us;
    std::uint64_t t_first_ns = 0;  ///< CLOCK_MONOTONIC when the first new row was taken in; 0: none yet
    std::uint64_t t_last_ns = 0;   ///< … and the last new one
    std::string last_log;          ///< the last accepted log as sent; empty: none, or over kMaxLastLog
};
/// A larger log is not repeated in the statistics.
inline constexpr std::size_t kMaxLastLog = 64 << 10;

/// The answer of GET /stats. `expected`: how many different ids should have come; missing_ids is then what
/// lacks of that number.
std::string to_json(const Stats& stats, std::optional<std::uint64_t> expected = {});
/// One line for the end of the program.
std::string summary(const Stats& stats);

}  // namespace respand::sandbox
