// Delivers one lane: takes batches from the source, sends them, settles what the server said.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "upload/batch_source.hpp"
#include "upload/lane_status.hpp"
#include "upload/transport.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

/// I/O thread only. Runs until stop() has called back; must outlive that.
class Uploader {
  public:
    /// `name`: the lane's, for messages; empty: there is but one, or it is the default one.
    static std::unique_ptr<Uploader> make(boost::asio::io_context& io, const Clock& clock,
                                          UploadSettings settings, spool::LaneId lane, BatchSource& source,
                                          Transport& transport, std::uint64_t jitter_seed = 0,
                                          std::string name = {});
    virtual ~Uploader() = default;
    virtual void start() = 0;
    /// Takes new settings, and tries again at once whatever it was waiting for.
    virtual void reload(const UploadSettings& settings) = 0;
    /// Tries again at once whatever it was waiting for (but for bulk's pace): an operator says that it is
    /// mended.
    virtual void retry() = 0;
    /// No request from here on, until resume(): those under way end, what waits goes back to the source.
    virtual void pause() = 0;
    virtual void resume() = 0;
    /// Gives back what is in hand, but for one record to probe with: another lane sends it.
    virtual void hand_over() = 0;
    /// Starts no new request; calls `done` when the running ones have ended and are settled, at the latest
    /// after `grace` (then they are cancelled and their records stay in the spool).
    virtual void stop(std::chrono::microseconds grace, std::function<void()> done) = 0;
    virtual LaneStatus status() const = 0;
};

}  // namespace respand::upload
