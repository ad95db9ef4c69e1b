#include "upload/beast_transport.hpp"

#include <openssl/crypto.h>

#include <utility>

#include "base/log.hpp"
#include "upload/beast_exchange.hpp"

namespace respand::upload {
namespace {

class BeastTransport final : public HttpTransport {
  public:
    BeastTransport(asio::io_context& io, Lookup lookup)
        : core_(std::make_shared<Core>(io)), lookup_(std::move(lookup)) {}
    BeastTransport(const BeastTransport&) = delete;
    BeastTransport& operator=(const BeastTransport&) = delete;
    ~BeastTransport() override {
        core_->closed = true;
        end_all();
    }

    void send(Request request, std::function<void(Reply)> done) override {
        auto exchange = std::make_shared<Exchange>(core_, std::move(request), std::move(done));
        core_->running.insert(exchange);
        exchange->start();
    }

    void cancel() override { end_all(); }

    void set_api_key(std::string key) override {
        if (const Status usable = check_api_key(key))
            core_->api_key = std::make_shared<const Secret>(key);
        else
            spdlog::error("{}. The key in force stays", usable.error().message);
        OPENSSL_cleanse(key.data(), key.size());
    }

    Status reload(const UploadSettings& settings, Credentials credentials) override {
        auto server = make_server(settings, credentials);
        OPENSSL_cleanse(credentials.client_key.data(), credentials.client_key.size());
        OPENSSL_cleanse(credentials.proxy_password.data(), credentials.proxy_password.size());
        if (!server) return std::unexpected(server.error());
        core_->server = std::move(*server);
        core_->pool.close_idle();
        set_api_key(std::move(credentials.api_key));
        return {};
    }

  private:
    Result<std::shared_ptr<Server>> make_server(const UploadSettings& settings,
                                                const Credentials& credentials) {
        auto url = parse_base_url(settings.base_url);
        if (!url) return std::unexpected(url.error());
        if (!url->tls && !is_loopback(url->host)) {
            return fail(ErrorKind::config, "base_url \"" + settings.base_url +
                                               "\": plain http is allowed for loopback only, use https");
        }
        if (Status usable = check_api_key(credentials.api_key); !usable)
            return std::unexpected(usable.error());
        auto proxy = choose_proxy(settings.network, credentials, *url);
        if (!proxy) return std::unexpected(proxy.error());
        auto tls = url->tls ? Tls::make(settings.network, credentials.client_key)
                            : Result<std::shared_ptr<Tls>>(Tls::none());
        if (!tls) return std::unexpected(tls.error());
        return std::make_shared<Server>(core_->io, std::move(*url), std::move(*proxy), std::move(*tls),
                                        settings, lookup_);
    }

    void end_all() {
        core_->pool.close_idle();
        const auto running = std::exchange(core_->running, {});
        for (const auto& exchange : running) exchange->cancel();
    }

    std::shared_ptr<Core> core_;
    Lookup lookup_;
};

}  // namespace

Result<std::unique_ptr<HttpTransport>> make_beast_transport(asio::io_context& io,
                                                            const UploadSettings& settings,
                                                            Credentials credentials, Lookup lookup) {
    auto transport = std::make_unique<BeastTransport>(io, std::move(lookup));
    if (Status status = transport->reload(settings, std::move(credentials)); !status)
        return std::unexpected(status.error());
    return transport;
}

}  // namespace respand::upload
