#include "upload/beast_pool.hpp"

#include <openssl/ssl.h>

#include <algorithm>

namespace respand::upload {

Server::Server(asio::io_context& io, Destination destination, Lookup lookup)
    : url(std::move(destination.url)),
      proxy(std::move(destination.proxy)),
      proxy_password(std::move(destination.proxy_password)),
      proxy_authorization(std::move(destination.proxy_authorization)),
      tls(std::move(destination.tls)),
      connect_timeout(destination.settings.connect_timeout),
      request_timeout(destination.settings.request_timeout),
      max_age(destination.settings.network.connection_max_age),
      resolver(io, proxy ? proxy->host : url.host, proxy ? proxy->port : url.port, std::move(lookup)) {}

bool Connection::is_quiet() {
    if (buffer.size() > 0) return false;
    // Under TLS, bytes may have left the socket and not yet been asked for.
    if (server->url.tls && (SSL_has_pending(ssl()) == 1 || BIO_pending(SSL_get_rbio(ssl())) > 0))
        return false;
    char byte = 0;
    return ::recv(tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

ConnectionPtr Pool::take(const std::shared_ptr<Server>& server) {
    const auto now = Steady::now();
    while (!idle_.empty()) {
        ConnectionPtr connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->server == server && now - connection->idle_since < kIdleLifetime &&
            now - connection->opened < server->max_age && connection->is_quiet())
            return connection;
        connection->close();
    }
    return nullptr;
}

void Pool::give_back(ConnectionPtr connection) {
    const auto now = Steady::now();
    if (connection->requests >= kMaxRequestsPerConnection ||
        now - connection->opened >= connection->server->max_age || !connection->is_quiet())
        return connection->close();
    connection->idle_since = now;
    idle_.push_back(std::move(connection));
    if (idle_.size() == 1) watch();
}

void Pool::close_idle() {
    for (const ConnectionPtr& connection : idle_) connection->close();
    idle_.clear();
    timer_.cancel();
}

/// Closes what nobody came for. Runs while something is idle.
void Pool::watch() {
    timer_.expires_at(idle_.front()->idle_since + kIdleLifetime);
    // When the pool goes in the moment in which the timer fires, the handler is on its way and comes all the
    // same.
    timer_.async_wait([this, here = std::weak_ptr(here_)](boost::system::error_code stopped) {
        if (stopped || here.expired()) return;
        const auto too_old = Steady::now() - kIdleLifetime;
        const auto end = std::find_if(idle_.begin(), idle_.end(), [too_old](const ConnectionPtr& connection) {
            return connection->idle_since > too_old;
        });
        for (auto it = idle_.begin(); it != end; ++it) (*it)->close();
        idle_.erase(idle_.begin(), end);
        if (!idle_.empty()) watch();
    });
}

}  // namespace respand::upload
