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

    void use(std::shared_ptr<Destination> destination) override {
        core_->api_key = std::make_shared<const Secret>(std::move(destination->api_key));
        core_->server = std::make_shared<Server>(core_->io, std::move(*destination), lookup_);
        core_->pool.close_idle();
    }

  private:
    void end_all() {
        core_->pool.close_idle();
        const auto running = std::exchange(core_->running, {});
        for (const auto& exchange : running) exchange->cancel();
    }

    std::shared_ptr<Core> core_;
    Lookup lookup_;
};

}  // namespace

std::unique_ptr<HttpTransport> make_beast_transport(asio::io_context& io,
                                                    std::shared_ptr<Destination> destination, Lookup lookup) {
    auto transport = std::make_unique<BeastTransport>(io, std::move(lookup));
    transport->use(std::move(destination));
    return transport;
}

}  // namespace respand::upload
