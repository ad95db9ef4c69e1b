#include "ingest/http_listener.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace respand::ingest {

HttpListener::HttpListener(boost::asio::io_context& io, OpenSocket socket, const HttpOptions& options,
                           Sink& sink)
    : acceptor_(std::make_shared<Acceptor>(io.get_executor(), std::move(socket.fd), socket.address)),
      address_(std::move(socket.address)),
      path_(std::move(socket.path)),
      options_(options),
      sink_(sink) {}

void HttpListener::start() {
    acceptor_->start([] { return true; }, [this](UniqueFd fd) { greet(std::move(fd)); });
}

void HttpListener::count(ListenerCounters& counters) const {
    counters.connections_open += sessions_.size();
    counters.connections_refused += counters_.connections_refused;
    counters.http_taken += counters_.http_taken;
    counters.http_refused += counters_.http_refused;
    counters.http_unavailable += counters_.http_unavailable;
}

// Connections come and go.

void HttpListener::greet(UniqueFd fd) {
    if (sessions_.size() >= options_.max_connections && !make_room()) return turn_away(fd);
    const auto session = make_http_session(acceptor_->executor(), std::move(fd), *this);
    sessions_.emplace(session.get(), Entry{session});
    session->start();
}

/// Closes the connection that has been idle the longest; false when none has been for a while.
bool HttpListener::make_room() {
    const SteadyTime latest = std::chrono::steady_clock::now() - kShortRest;
    Entry* oldest = nullptr;
    for (auto& [key, entry] : sessions_)
        if (entry.resting && entry.since <= latest && (oldest == nullptr || entry.since < oldest->since))
            oldest = &entry;
    if (oldest == nullptr) return false;
    const std::shared_ptr<HttpSession> session = oldest->session;
    session->finish();
    return true;
}

void HttpListener::turn_away(const UniqueFd& fd) {
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nServer: respand\r\nRetry-After: 1\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: 53\r\n\r\n"
        "{\"detail\":\"too many connections; nothing was taken\"}\n";
    ++counters_.connections_refused;
    // As far as it goes: nobody waits for a peer that was not let in.
    (void)!::send(fd.get(), kFull.data(), kFull.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(fd.get(), SHUT_WR);
    if (refused_log_.allow(std::chrono::steady_clock::now()))
        spdlog::warn(
            "{}: an HTTP connection was answered 503: {} are open already; raise ingest.http.max_connections "
            "if "
            "that is right{}",
            address_, sessions_.size(), refused_log_.suffix());
}

void HttpListener::rests(HttpSession& session, bool resting) {
    const auto found = sessions_.find(&session);
    if (found == sessions_.end()) return;
    found->second.resting = resting;
    found->second.since = std::chrono::steady_clock::now();
}

void HttpListener::ended(HttpSession& session) {
    waiting_.erase(&session);
    sessions_.erase(&session);
}

void HttpListener::answered(int status) {
    if (status >= 500)
        ++counters_.http_unavailable;
    else if (status >= 400)
        ++counters_.http_refused;
    else if (status == 201)
        ++counters_.http_taken;
}

// What they share.

bool HttpListener::take_permit(HttpSession& session) {
    if (permits_ == 0) {
        queue_.push_back(&session);
        return false;
    }
    --permits_;
    return true;
}

/// The permit goes to whoever waited longest.
void HttpListener::give_back_permit(HttpSession& session, bool had_it) {
    if (!had_it) {
        std::erase(queue_, &session);
        return;
    }
    if (queue_.empty()) {
        ++permits_;
        return;
    }
    HttpSession* const next = queue_.front();
    queue_.pop_front();
    next->permit_granted();
}

std::vector<std::shared_ptr<HttpSession>> HttpListener::all() const {
    std::vector<std::shared_ptr<HttpSession>> sessions;
    for (const auto& [key, entry] : sessions_) sessions.push_back(entry.session);
    return sessions;
}

void HttpListener::resume() {
    for (HttpSession* const session : std::exchange(waiting_, {}))
        if (const auto found = sessions_.find(session); found != sessions_.end()) {
            const std::shared_ptr<HttpSession> kept = found->second.session;
            kept->sink_ready();
        }
}

// The end.

/// Requests that were not read to their end are not answered, so that their senders know; those whose records
/// were taken are answered after the last commit.
void HttpListener::close() {
    if (closed_) return;
    closed_ = true;
    path_.remove();
    acceptor_->close();
    queue_.clear();
    for (const auto& session : all()) session->finish();
}

void HttpListener::abandon() {
    closed_ = true;
    path_.remove();
    acceptor_->close();
    for (const auto& session : all()) session->abandon();
    sessions_.clear();
    waiting_.clear();
    queue_.clear();
}

}  // namespace respand::ingest
