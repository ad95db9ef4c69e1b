// Delivers one lane: takes batches from the source, sends them, settles what the server said.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "upload/batch_source.hpp"
#include "upload/transport.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

enum class LaneState : std::uint8_t {
    idle,  ///< nothing to send
    sending,
    pacing,       ///< keeping to bulk_requests_per_minute
    backing_off,  ///< the server is away or asked to wait
    stopped,      ///< an operator must act (key, plan, path, certificate); a slow probe goes on
    closed,       ///< stop() was called
};
std::string_view name(LaneState state);

/// For `status`.
struct LaneStatus {
    LaneState state = LaneState::idle;
    std::string reason;      ///< why it is stopped or backing off, for people; empty otherwise
    std::string last_error;  ///< the last fault, kept after recovery; empty: none yet
    WallTime last_error_at{};
    WallTime last_success_at{};  ///< epoch: never
    std::chrono::microseconds next_attempt_in{0};
    std::uint32_t in_flight = 0;  ///< requests
    std::uint64_t requests = 0, failures = 0, retries = 0;
};

/// I/O thread only. Runs until stop() has called back; must outlive that.
class Uploader {
  public:
    static std::unique_ptr<Uploader> make(boost::asio::io_context& io, const Clock& clock,
                                          UploadSettings settings, spool::LaneId lane, BatchSource& source,
                                          Transport& transport, std::uint64_t jitter_seed = 0);
    virtual ~Uploader() = default;
    virtual void start() = 0;
    /// Takes new settings, and tries again at once whatever it was waiting for.
    virtual void reload(const UploadSettings& settings) = 0;
    /// Starts no new request; calls `done` when the running ones have ended and are settled, at the latest
    /// after `grace` (then they are cancelled and their records stay in the spool).
    virtual void stop(std::chrono::microseconds grace, std::function<void()> done) = 0;
    virtual LaneStatus status() const = 0;
};

}  // namespace respand::upload
