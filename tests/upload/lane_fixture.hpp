// A lane on a clock that stands still, with a spool in memory and a scripted server.
#pragma once
#include "fakes.hpp"
#include "upload/lane.hpp"

namespace respand::upload::test {

class LaneFixture : public testing::Test {
  protected:
    LaneFixture() {
        settings.base_url = "https://host/api";
        settings.bulk_requests_per_minute = 0;
        settings.linger = std::chrono::seconds(1);
        settings.max_connections = 2;
    }
    void start() {
        lane = std::make_unique<Lane>(clock, settings, spool::kDefaultLane, source, transport, 42);
        lane->start();
    }
    /// Time passes, and the lane is woken whenever it asked to be.
    template <class Duration>
    void pass(Duration span) {
        const SteadyTime end = clock.steady() + span;
        while (lane->wake_at() && *lane->wake_at() <= end) {
            clock.advance(std::max(*lane->wake_at() - clock.steady(), SteadyTime::duration{0}));
            lane->pump();
        }
        clock.advance(end - clock.steady());
        lane->pump();
    }
    LaneState state() const { return lane->status().state; }
    LaneCounters counters() const { return lane->status().counters; }
    std::size_t in_flight() const { return transport.pending.size(); }
    /// Answers everything with a status that `judge` gives for the records of the request, for at most
    /// `rounds`.
    template <class Judge>
    void serve(Judge judge, int rounds = 10'000) {
        for (; in_flight() > 0 && rounds > 0; --rounds) {
            const int status = judge(transport.pending[0]);
            transport.answer(status);
            pass(std::chrono::milliseconds(1));
        }
    }

    ManualClock clock;
    UploadSettings settings;
    MemorySource source;
    ScriptedTransport transport;
    std::unique_ptr<Lane> lane;
};

}  // namespace respand::upload::test
