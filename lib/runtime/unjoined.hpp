// Work that can neither be cancelled nor trusted to end (getaddrinfo), on a thread that nobody waits for.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace respand::runtime {

/// Starts work on threads of their own. Destroying it forgets what still runs: its results go nowhere, and
/// neither io_context::run() nor the end of the process waits for it. I/O thread only.
///
/// What `work` refers to must belong to it: it may outlive everything else.
class Unjoined {
  public:
    explicit Unjoined(boost::asio::io_context& io) : door_(std::make_shared<Door>(io)) {}
    Unjoined(const Unjoined&) = delete;
    Unjoined& operator=(const Unjoined&) = delete;
    ~Unjoined() {
        const std::lock_guard lock(door_->mutex);
        door_->open = false;
    }

    /// Runs `work()` on a new thread, then `done(result)` on the I/O thread, unless this object is gone by
    /// then. False when the system has no thread to give; then neither is called. An exception from `work`
    /// ends the process.
    template <class Work, class Done>
    [[nodiscard]] bool start(Work work, Done done) {
        try {
            std::thread([door = door_, work = std::move(work), done = std::move(done)]() mutable {
                auto result = work();
                const std::lock_guard lock(door->mutex);
                if (!door->open) return;  // The io_context may be gone.
                boost::asio::post(door->io,
                                  [door, result = std::move(result), done = std::move(done)]() mutable {
                                      if (door->open)
                                          done(std::move(result));  // Written on this thread only.
                                  });
            }).detach();
        } catch (const std::system_error&) {
            return false;
        }
        return true;
    }

  private:
    struct Door {
        explicit Door(boost::asio::io_context& context) : io(context) {}
        boost::asio::io_context& io;
        std::mutex mutex;
        bool open = true;
    };
    std::shared_ptr<Door> door_;
};

}  // namespace respand::runtime
