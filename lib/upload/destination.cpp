#include <openssl/crypto.h>

#include <utility>

#include "upload/destination_parts.hpp"

namespace respand::upload {
namespace {

/// The password leaves the proxy, whatever comes of the rest.
void take_password(Destination& to) {
    if (!to.proxy) return;
    to.proxy_authorization = Secret(to.proxy->authorization());
    to.proxy_password = Secret(std::string(to.proxy->password));
    OPENSSL_cleanse(to.proxy->password.data(), to.proxy->password.size());
    to.proxy->password.clear();
}

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
    auto made = std::make_shared<Destination>();
    made->proxy = std::move(*proxy);
    if (*proxy) OPENSSL_cleanse((*proxy)->password.data(), (*proxy)->password.size());
    take_password(*made);
    auto tls = url->tls ? Tls::make(settings.network, credentials.client_key)
                        : Result<std::shared_ptr<Tls>>(Tls::none());
    if (!tls) return std::unexpected(tls.error());
    made->url = std::move(*url);
    made->tls = std::move(*tls);
    made->settings = settings;
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
