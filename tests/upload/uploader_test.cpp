// The uploader on real timers, and stopping it.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "fakes.hpp"
#include "support/eventually.hpp"
#include "upload/uploader.hpp"

namespace respand::upload {
namespace {

using respand::test::run_until;
using std::chrono::hours;
using std::chrono::milliseconds;

/// Ends cancelled exchanges from the event loop, as the contract says.
class LoopTransport final : public Transport {
  public:
    LoopTransport(boost::asio::io_context& io, test::ScriptedTransport& script) : io_(io), script_(script) {}
    void send(Request request, std::function<void(Reply)> done) override {
        script_.send(std::move(request), std::move(done));
    }
    void cancel() override {
        script_.cancel();
        boost::asio::post(io_, [this] { script_.finish_cancelled(); });
    }
    void set_api_key(std::string) override {}

  private:
    boost::asio::io_context& io_;
    test::ScriptedTransport& script_;
};

class AnUploader : public testing::Test {
  protected:
    AnUploader() {
        settings.mode = Mode::bulk;
        settings.bulk_requests_per_minute = 0;
        settings.linger = milliseconds(20);
    }
    void start() {
        uploader = Uploader::make(io, clock, settings, spool::kDefaultLane, source, transport, 1);
        uploader->start();
    }
    bool stop(std::chrono::microseconds grace) {
        uploader->stop(grace, [this] { stopped = true; });
        EXPECT_FALSE(stopped) << "not from inside the call";
        return run_until(io, [this] { return stopped; });
    }

    boost::asio::io_context io;
    SystemClock clock;
    UploadSettings settings;
    test::MemorySource source;
    test::ScriptedTransport script;
    LoopTransport transport{io, script};
    std::unique_ptr<Uploader> uploader;
    bool stopped = false;
};

TEST_F(AnUploader, WakesItselfWhenTheLingerIsOver) {
    start();
    source.add(3);
    ASSERT_TRUE(run_until(io, [&] { return !script.pending.empty(); }));
    script.answer(201);
    EXPECT_EQ(source.delivered(), 3U);
    EXPECT_TRUE(stop(hours(1)));
}

TEST_F(AnUploader, TriesAgainAfterABackOff) {
    start();
    source.add(500);
    ASSERT_TRUE(run_until(io, [&] { return !script.pending.empty(); }));
    script.answer(503);
    ASSERT_TRUE(run_until(io, [&] { return !script.pending.empty(); }));
    script.answer(201);
    EXPECT_EQ(source.delivered(), 500U);
    EXPECT_TRUE(stop(hours(1)));
}

TEST_F(AnUploader, StopsAtOnceWhenNothingIsInFlight) {
    start();
    EXPECT_TRUE(stop(hours(1)));
    EXPECT_EQ(uploader->status().state, LaneState::closed);
    uploader.reset();
    io.restart();
    io.run();  // nothing is left behind in the loop
}

TEST_F(AnUploader, FinishesTheRequestInFlightWithinTheGraceTime) {
    start();
    source.add(500);
    ASSERT_TRUE(run_until(io, [&] { return !script.pending.empty(); }));
    uploader->stop(hours(1), [this] { stopped = true; });
    io.poll();
    EXPECT_FALSE(stopped);
    script.answer(201);
    ASSERT_TRUE(run_until(io, [this] { return stopped; }));
    EXPECT_EQ(source.delivered(), 500U);
    EXPECT_EQ(script.cancels, 0);
}

TEST_F(AnUploader, GivesTheRequestUpAfterTheGraceTimeAndLeavesItsRecordsInTheSpool) {
    start();
    source.add(500);
    ASSERT_TRUE(run_until(io, [&] { return !script.pending.empty(); }));
    EXPECT_TRUE(stop(milliseconds(10)));
    EXPECT_EQ(script.cancels, 1);
    EXPECT_TRUE(source.settled.empty());
    uploader.reset();
}

}  // namespace
}  // namespace respand::upload
