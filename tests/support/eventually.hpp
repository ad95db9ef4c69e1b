// Waiting in tests: polls until something holds or a deadline passes. Never a fixed sleep.
#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <thread>

namespace respand::test {

inline constexpr std::chrono::seconds kDeadline{30};

/// Polls `condition` from this thread until it is true; false when the deadline passed first.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds deadline = kDeadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

/// Runs the io_context on this thread until `condition` is true; false when the deadline passed first.
template <class Condition>
bool run_until(boost::asio::io_context& io, Condition condition,
               std::chrono::milliseconds deadline = kDeadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        if (io.stopped()) io.restart();
        io.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace respand::test
