#include "sandbox/server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "base/clock.hpp"
#include "sandbox/server/api.hpp"
#include "sandbox/server/listener.hpp"
#include "sandbox/server/tls.hpp"

namespace respand::sandbox {

// Destroyed from the bottom up: the thread is joined by then, the listener lets go of the io_context first.
struct Server::Parts {
    explicit Parts(const Options& options) : api(options, clock) {}
    SystemClock clock;
    Api api;
    boost::asio::io_context io{1};
    std::unique_ptr<Listener> listener;
    std::string base_url;
    std::uint16_t port = 0;
    std::thread thread;
};

namespace {

std::string url(const boost::asio::ip::tcp::endpoint& endpoint, const Options& options) {
    const auto address = endpoint.address();
    std::string host = address.to_string();
    if (address.is_unspecified()) host = address.is_v6() ? "::1" : "127.0.0.1";
    if (address.is_v6()) host = "[" + host + "]";
    return (options.tls.enabled() ? "https://" : "http://") + host + ":" + std::to_string(endpoint.port()) +
           options.prefix;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Options options) {
    if (auto valid = options.validate(); !valid) return std::unexpected(valid.error());
    auto parts = std::make_unique<Parts>(options);
    std::shared_ptr<boost::asio::ssl::context> tls;
    if (options.tls.enabled()) {
        auto made = make_tls_context(options.tls);
        if (!made) return std::unexpected(made.error());
        tls = std::move(*made);
    }
    auto listener = Listener::open(parts->io, parts->api, options, std::move(tls));
    if (!listener) return std::unexpected(listener.error());
    parts->listener = std::move(*listener);
    parts->port = parts->listener->endpoint().port();
    parts->base_url = url(parts->listener->endpoint(), options);
    parts->listener->start();
    parts->thread = std::thread([raw = parts.get()] { raw->io.run(); });
    return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return parts_->port; }
std::string Server::base_url() const { return parts_->base_url; }
Stats Server::stats() const { return parts_->api.stats(); }
std::vector<std::string> Server::logs() const { return parts_->api.logs(); }

Status Server::set_faults(Faults faults) {
    if (auto valid = faults.validate(); !valid) return valid;
    parts_->api.set_faults(std::move(faults));
    return {};
}

void Server::stop() {
    if (!parts_->thread.joinable()) return;
    boost::asio::post(parts_->io, [raw = parts_.get()] { raw->listener->stop(); });
    parts_->thread.join();
}

}  // namespace respand::sandbox
