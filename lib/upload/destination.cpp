#include <openssl/crypto.h>

#include <utility>

#include "upload/destination_parts.hpp"

namespace respand::upload {
namespace {

Result<std::shared_ptr<Destination>> checked(const UploadSettings& settings, const Credentials& credentials) {
    auto url = parse_base_url(settings.base_url);
    if (!url) return std::unexpected(url.error());
    if (!url->tls && !is_loopback(url->host)) {
        return fail(ErrorKind::config, "base_url \"" + settings.base_url +
                                           "\": plain http is allowed for loopback only, use https");
    }
    if (Status usable = check_api_key(credentials.api_key); !usable) return std::unexpected(usable.error());
    auto proxy = choose_proxy(settings.network, credentials, *url);
    if (!proxy) return std::unexpected(proxy.error());
    auto tls = url->tls ? Tls::make(settings.network, credentials.client_key)
                        : Result<std::shared_ptr<Tls>>(Tls::none());
    if (!tls) return std::unexpected(tls.error());
    auto made = std::make_shared<Destination>();
    made->url = std::move(*url);
    made->tls = std::move(*tls);
    made->settings = settings;
    made->proxy = std::move(*proxy);
    if (made->proxy) {
        made->proxy_authorization = Secret(made->proxy->authorization());
        made->proxy_password = Secret(std::exchange(made->proxy->password, {}));
    }
    return made;
}

}  // namespace

Result<std::shared_ptr<Destination>> make_destination(const UploadSettings& settings,
                                                      Credentials credentials) {
    auto made = checked(settings, credentials);
    OPENSSL_cleanse(credentials.client_key.data(), credentials.client_key.size());
    OPENSSL_cleanse(credentials.proxy_password.data(), credentials.proxy_password.size());
    Secret key(std::move(credentials.api_key));
    if (made) (*made)->api_key = std::move(key);
    return made;
}

}  // namespace respand::upload
