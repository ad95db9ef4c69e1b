// Listens for HTTP: keeps the connections, and what they share.
#pragma once
#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <set>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "ingest/acceptor.hpp"
#include "ingest/http_session.hpp"
#include "ingest/listener.hpp"

namespace respand::ingest {

/// TCP or a Unix socket. When all connections are taken, a new one takes the place of the one that has been
/// idle the longest; when none is, it is told so.
class HttpListener final : public Listener, public HttpHost {
  public:
    /// Bodies over HttpSession::kLargeBody that are in memory at the same time.
    static constexpr std::size_t kLargeBodyPermits = 8;
    /// A connection that was idle for less is not closed in favour of another: it may be about to speak.
    static constexpr std::chrono::seconds kShortRest{1};

    HttpListener(boost::asio::io_context& io, OpenSocket socket, const HttpOptions& options, Sink& sink);

    void start() override;
    void resume() override;
    void close() override;
    void abandon() override;
    ListenerAddress address() const override { return {ListenerKind::http, address_}; }
    void count(ListenerCounters& counters) const override;

    Sink& sink() override { return sink_; }
    const HttpOptions& options() const override { return options_; }
    bool take_permit(HttpSession& session) override;
    void give_back_permit(HttpSession& session, bool had_it) override;
    void await_sink(HttpSession& session) override { waiting_.insert(&session); }
    void rests(HttpSession& session, bool resting) override;
    void answered(int status) override;
    void ended(HttpSession& session) override;

  private:
    struct Entry {
        std::shared_ptr<HttpSession> session;
        bool resting = false;
        SteadyTime since{};  ///< it rests
    };
    void greet(UniqueFd fd);
    bool make_room();
    void turn_away(const UniqueFd& fd);
    std::vector<std::shared_ptr<HttpSession>> all() const;

    std::shared_ptr<Acceptor> acceptor_;
    std::string address_;
    OwnedPath path_;
    HttpOptions options_;
    Sink& sink_;
    std::unordered_map<HttpSession*, Entry> sessions_;
    std::set<HttpSession*> waiting_;  ///< for the sink
    std::deque<HttpSession*> queue_;  ///< for a permit
    std::size_t permits_ = kLargeBodyPermits;
    ListenerCounters counters_;
    LogLimiter refused_log_;
    bool closed_ = false;
};

}  // namespace respand::ingest
