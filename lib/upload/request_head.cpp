#include "upload/request_head.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace respand::upload {

Secret::Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }  // A copy: see operator=.

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        text_ = other.text_;  // A move would leave short texts behind in `other`, unwiped.
        other.wipe();
    }
    return *this;
}

void Secret::wipe() {
    OPENSSL_cleanse(text_.data(), text_.size());
    text_.clear();
}

Status check_api_key(const std::string& key) {
    if (std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; })) return {};
    return fail(ErrorKind::config,
                "the API key holds a blank, a line break or a character outside ASCII; it must be the bare "
                "key on one "
                "line");
}

void redact(std::string& text, const Secret& secret, std::string_view replacement) {
    constexpr std::size_t kShortestSecret = 8;  // Shorter ones are no secrets, and occur by chance.
    if (secret.text().size() < kShortestSecret) return;
    for (auto at = text.find(secret.text()); at != std::string::npos; at = text.find(secret.text(), at))
        text.replace(at, secret.text().size(), replacement);
}

Secret request_head(const BaseUrl& url, std::string_view target, const Secret& key, std::size_t body_bytes,
                    const Secret* proxy_authorization) {
    const std::string host = url.host_header();
    const std::string length = std::to_string(body_bytes);
    const std::size_t login = proxy_authorization == nullptr ? 0 : proxy_authorization->text().size();
    std::string head;
    // Grows once: a reallocation would leave the key in freed memory.
    head.reserve(512 + url.prefix.size() + target.size() + 2 * host.size() + key.text().size() + login);
    head.append("POST ");
    if (proxy_authorization != nullptr) head.append(url.tls ? "https://" : "http://").append(host);
    head.append(url.prefix).append(target).append(" HTTP/1.1\r\nHost: ").append(host);
    if (!key.text().empty()) head.append("\r\nAuthorization: Bearer ").append(key.text());
    if (login > 0) head.append("\r\nProxy-Authorization: ").append(proxy_authorization->text());
    head.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(length);
    head.append("\r\nUser-Agent: ").append(kUserAgent);
    // Answers are small, and unpacking them would let a server send us a bomb.
    head.append("\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n\r\n");
    Secret out(head);
    OPENSSL_cleanse(head.data(), head.size());
    return out;
}

Secret connect_head(const BaseUrl& url, const Secret& authorization) {
    const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    std::string head;
    head.reserve(256 + 2 * host.size() + authorization.text().size());
    head.append("CONNECT ").append(host).append(":").append(url.port).append(" HTTP/1.1\r\nHost: ");
    head.append(host).append(":").append(url.port).append("\r\nUser-Agent: ").append(kUserAgent);
    if (!authorization.text().empty()) head.append("\r\nProxy-Authorization: ").append(authorization.text());
    head.append("\r\n\r\n");
    Secret out(head);
    OPENSSL_cleanse(head.data(), head.size());
    return out;
}

}  // namespace respand::upload
