// Work that blocks (SQLite, DNS files) on a thread of its own, with its result back on the I/O thread.
#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace respand::runtime {

/// One worker thread, first in first out. `submit` from the I/O thread only.
///
/// While work is under way the io_context stays alive (run() does not return). join() waits for everything
/// submitted; completions that come after it are still posted to the io_context.
class Offload {
  public:
    explicit Offload(boost::asio::io_context& io) : io_(io), worker_(1) {}
    Offload(const Offload&) = delete;
    Offload& operator=(const Offload&) = delete;
    ~Offload() { join(); }

    /// Runs `work()` on the worker, then `done(result)` on the I/O thread. An exception from `work` ends the
    /// process: faults of input are values, what is left is a bug.
    template <class Work, class Done>
    void submit(Work work, Done done) {
        auto guard = boost::asio::make_work_guard(io_);
        boost::asio::post(worker_, [this, guard = std::move(guard), work = std::move(work),
                                    done = std::move(done)]() mutable {
            auto result = work();
            boost::asio::post(io_, [result = std::move(result), done = std::move(done)]() mutable {
                done(std::move(result));
            });
        });
    }

    void join() { worker_.join(); }

  private:
    boost::asio::io_context& io_;
    boost::asio::thread_pool worker_;
};

}  // namespace respand::runtime
