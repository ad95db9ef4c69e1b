// The Lane on a real timer.
#include "upload/uploader.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "upload/lane.hpp"

namespace respand::upload {
namespace {

namespace asio = boost::asio;

class LaneUploader final : public Uploader {
  public:
    LaneUploader(asio::io_context& io, const Clock& clock, UploadSettings settings, spool::LaneId lane,
                 BatchSource& source, Transport& transport, std::uint64_t seed, std::string name)
        : io_(io),
          clock_(clock),
          transport_(transport),
          lane_(clock, std::move(settings), lane, source, transport, seed, std::move(name)),
          wake_(io),
          grace_(io) {
        lane_.on_change([this] { rearm(); });
    }

    void start() override { lane_.start(); }
    void reload(const UploadSettings& settings) override { lane_.reload(settings); }
    void retry() override { lane_.retry(); }
    void pause() override { lane_.pause(); }
    void resume() override { lane_.resume(); }
    void hand_over() override { lane_.hand_over(); }
    LaneStatus status() const override { return lane_.status(); }

    void stop(std::chrono::microseconds grace, std::function<void()> done) override {
        stopped_ = std::move(done);
        grace_.expires_after(grace);
        grace_.async_wait([this](boost::system::error_code error) {
            if (!error)
                transport_.cancel();  // Every running exchange ends now, and with the last one we are done.
        });
        lane_.close();
    }

  private:
    void rearm() {
        if (stopped_ && lane_.quiet()) {
            wake_.cancel();
            grace_.cancel();
            asio::post(io_, std::exchange(stopped_, nullptr));
            return;
        }
        const auto wake_at = lane_.wake_at();
        if (wake_at == armed_for_) return;
        armed_for_ = wake_at;
        if (!wake_at) {
            wake_.cancel();
            return;
        }
        wake_.expires_after(*wake_at - clock_.steady());
        wake_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            armed_for_.reset();
            lane_.pump();
        });
    }

    asio::io_context& io_;
    const Clock& clock_;
    Transport& transport_;
    Lane lane_;
    asio::steady_timer wake_;
    asio::steady_timer grace_;
    std::optional<SteadyTime> armed_for_;
    std::function<void()> stopped_;
};

}  // namespace

std::unique_ptr<Uploader> Uploader::make(asio::io_context& io, const Clock& clock, UploadSettings settings,
                                         spool::LaneId lane, BatchSource& source, Transport& transport,
                                         std::uint64_t jitter_seed, std::string name) {
    return std::make_unique<LaneUploader>(io, clock, std::move(settings), lane, source, transport,
                                          jitter_seed, std::move(name));
}

}  // namespace respand::upload
