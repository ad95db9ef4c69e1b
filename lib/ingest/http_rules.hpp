// What a request means and what it is answered: pure, no sockets, no HTTP library.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/json_cut.hpp"
#include "ingest/sink.hpp"

namespace respand::ingest {

/// What the head of a request says, as far as anything depends on it. Credentials are not read at all.
struct HttpHead {
    std::string_view method, target;
    std::string_view content_type, content_encoding, expect;
    bool has_origin = false;  ///< an `Origin` field: a browser sends it
    bool chunked = false;
    std::optional<std::uint64_t> content_length{};
    bool http_1_0 = false;

    /// A `Transfer-Encoding` other than "chunked".
    bool other_encoding = false;

    bool has_body() const { return chunked || other_encoding || content_length.value_or(0) > 0; }
};

enum class HttpCall : std::uint8_t {
    create,   ///< POST /api/request-logs/create/: one record
    bulk,     ///< POST /api/request-logs/bulk/: {"logs":[…]}
    records,  ///< POST /v1/records: one, an array, or lines
    health,   ///< GET /healthz
};

struct HttpAnswer {
    int status = 200;
    std::string body;                     ///< JSON
    std::string_view allow;               ///< the methods that would be; with 405
    std::chrono::seconds retry_after{0};  ///< 0: not said
};

/// A request that may go on.
struct HttpPlan {
    HttpCall call = HttpCall::records;
    BodyShape shape = BodyShape::record;
    bool wants_continue = false;  ///< the sender waits for "100 Continue" before its body
};

/// What is to be done with a request, or why nothing is. `max_body`: bytes.
std::expected<HttpPlan, HttpAnswer> plan(const HttpHead& head, std::size_t max_body);

/// {"detail": …}: no record of the request was taken.
HttpAnswer refusal(int status, std::string_view detail);
/// The answers of a daemon that can't take records now.
HttpAnswer unavailable();
HttpAnswer too_busy();
HttpAnswer stopping();
/// Taken, but not safe yet when the sender's patience ends; and taken, but lost because the daemon had to
/// stop.
HttpAnswer not_durable_yet();
HttpAnswer never_durable();
HttpAnswer healthy();
/// For a body that can't be cut.
HttpAnswer refusal(CutFault fault);
/// How a listener's fault of this kind is counted.
Fault fault_of(CutFault fault);

/// What became of the records of one request, and the answer that follows from it.
class HttpOutcome {
  public:
    /// After so many troubles the answer gives only the reasons' names.
    static constexpr std::size_t kExplained = 100;

    explicit HttpOutcome(HttpCall call = HttpCall::records) : call_(call) {}
    /// The verdict on the next record.
    void add(const Verdict& verdict);
    /// Records that the sender may count on once they are durable.
    bool any_taken() const { return accepted_ + duplicates_ > 0; }
    /// For when that has come true.
    HttpAnswer answer() const;

  private:
    struct Trouble {
        std::size_t index = 0;
        std::string_view reason, words;
    };
    std::string body() const;

    HttpCall call_;
    std::size_t accepted_ = 0, duplicates_ = 0, dropped_ = 0;
    std::vector<std::string> ids_;  ///< of each record; empty: none was given to it
    std::vector<Trouble> troubles_;
    std::vector<std::size_t> duplicate_at_;
};

}  // namespace respand::ingest
