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

void redact(std::string& text, const Secret& key) {
    constexpr std::size_t kShortestKey = 8;  // Shorter ones are no secrets, and occur by chance.
    if (key.text().size() < kShortestKey) return;
    for (auto at = text.find(key.text()); at != std::string::npos; at = text.find(key.text(), at))
        text.replace(at, key.text().size(), "[api key]");
}

Secret request_head(const BaseUrl& url, std::string_view target, const Secret& key, std::size_t body_bytes) {
    const std::string host = url.host_header();
    const std::string length = std::to_string(body_bytes);
    std::string head;
    // Grows once: a reallocation would leave the key in freed memory.
    head.reserve(256 + url.prefix.size() + target.size() + host.size() + key.text().size());
    head.append("POST ").append(url.prefix).append(target).append(" HTTP/1.1\r\nHost: ").append(host);
    if (!key.text().empty()) head.append("\r\nAuthorization: Bearer ").append(key.text());
    head.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(length);
    head.append("\r\nUser-Agent: ").append(kUserAgent).append("\r\nAccept: application/json\r\n\r\n");
    Secret out(head);
    OPENSSL_cleanse(head.data(), head.size());
    return out;
}

}  // namespace respand::upload
