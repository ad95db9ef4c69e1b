// The head of a request as text, and the key that stands in it. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

inline constexpr std::string_view kUserAgent = "respand/0.1.0";

/// A text that is overwritten when it is dropped, as far as that can be done: copies made by the system or by
/// TLS are out of reach.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret() { wipe(); }
    const std::string& text() const { return text_; }
    void wipe();

  private:
    std::string text_;
};

/// Whether `key` can stand in a header: printable ASCII without blanks. An empty key is allowed: then there
/// is no Authorization header and the server says what it thinks of that. The error does not show the key.
Status check_api_key(const std::string& key);

/// Replaces every occurrence of a secret, which a server may quote in its complaint.
void redact(std::string& text, const Secret& secret, std::string_view replacement = "[api key]");

/// "POST … HTTP/1.1" to the empty line. `target`: see Request::target. `proxy_authorization`: for a proxy
/// that takes the request itself (plain HTTP), which wants the whole URL; nothing when the request goes to
/// the server or through a tunnel.
Secret request_head(const BaseUrl& url, std::string_view target, const Secret& key, std::size_t body_bytes,
                    const Secret* proxy_authorization = nullptr);

/// "CONNECT … HTTP/1.1" to the empty line. `authorization` may be empty.
Secret connect_head(const BaseUrl& url, const Secret& authorization);

}  // namespace respand::upload
