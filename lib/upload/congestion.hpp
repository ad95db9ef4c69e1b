// When a lane may send after faults, and how many requests at once. Pure.
#pragma once
#include <array>
#include <cstdint>

#include "base/clock.hpp"
#include "upload/backoff.hpp"
#include "upload/endpoint.hpp"

namespace respand::upload {

/// A server that is away holds the whole lane back; a 429 only the call that it was the answer to, because
/// the API limits its calls one by one. Either halves the number of requests in flight.
class Congestion {
  public:
    Congestion(std::uint32_t max_width, std::uint64_t seed)
        : lane_(seed), limits_{Backoff(seed), Backoff(seed)}, width_(max_width) {}

    /// A request that was sent to `endpoint` at `sent_at` met a transient fault. `limited`: a 429. `asked`:
    /// what the server wants us to wait.
    void failed(Endpoint endpoint, SteadyTime now, SteadyTime sent_at, bool limited,
                std::optional<std::chrono::milliseconds> asked) {
        (limited ? limits_[index(endpoint)] : lane_).fail(now, sent_at, asked);
        width_.fail(now, sent_at);
    }
    /// The server dealt with a request that was sent at `sent_at`.
    void succeeded(Endpoint endpoint, SteadyTime sent_at) {
        lane_.succeed(sent_at);
        limits_[index(endpoint)].succeed(sent_at);
        width_.succeed();
    }
    /// An operator must act: come back with one request at a time.
    void stopped() { width_.collapse(); }
    /// Waits for nothing any more.
    void retry_now() {
        lane_.reset();
        for (Backoff& limit : limits_) limit.reset();
    }
    void set_max_width(std::uint32_t max) { width_.set_max(max); }

    /// No request to `endpoint` before this.
    SteadyTime ready_at(Endpoint endpoint) const {
        return std::max(lane_.ready_at(), limits_[index(endpoint)].ready_at());
    }
    std::uint32_t width() const { return width_.value(); }
    /// A random number from 0 to 1.
    double fraction() { return lane_.fraction(); }
    /// Faults in a row, of the lane or of one call.
    std::uint32_t faults() const {
        return std::max({lane_.faults(), limits_[0].faults(), limits_[1].faults()});
    }

  private:
    Backoff lane_;
    std::array<Backoff, kEndpoints> limits_;
    Width width_;
};

}  // namespace respand::upload
