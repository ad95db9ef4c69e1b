#include "ingest/acceptor.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/units.hpp"

namespace respand::ingest {

Acceptor::Acceptor(const boost::asio::any_io_executor& executor, UniqueFd fd, std::string address)
    : socket_(executor), pause_(executor), address_(std::move(address)) {
    socket_.assign(fd.release());
}

void Acceptor::start(std::function<bool()> may_accept, std::function<void(UniqueFd)> greet) {
    may_accept_ = std::move(may_accept);
    greet_ = std::move(greet);
    await_connection();
}

UniqueFd Acceptor::accept_next(int listener) {
    int fd = -1;
    do {
        fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return UniqueFd(fd);
}

void Acceptor::await_connection() {
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const boost::system::error_code&) {
                           if (!self->closed_) self->accept_some();
                       });
}

void Acceptor::accept_some() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        if (!may_accept_()) return accept_later();
        UniqueFd fd = accept_next(socket_.native_handle());
        if (!fd && errno != EAGAIN) {
            // Out of descriptors or memory: the backlog stays as it is, and would report readiness without
            // end.
            const int error = errno;
            if (log_.allow(std::chrono::steady_clock::now()))
                spdlog::error(
                    "{}: a connection can't be accepted: {}; trying again every {} (raise LimitNOFILE= or "
                    "lower "
                    "max_connections){}",
                    address_, std::generic_category().message(error), respand::format(kPause), log_.suffix());
            return accept_later();
        }
        if (!fd) break;
        greet_(std::move(fd));
    }
    await_connection();
}

void Acceptor::accept_later() {
    pause_.expires_after(kPause);
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
        if (!self->closed_) self->accept_some();
    });
}

void Acceptor::close() {
    if (std::exchange(closed_, true)) return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
}

}  // namespace respand::ingest
