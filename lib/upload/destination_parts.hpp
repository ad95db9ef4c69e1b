// What a Destination is made of. Private to it and the beast_* files.
#pragma once
#include <memory>
#include <optional>

#include "upload/destination.hpp"
#include "upload/proxy.hpp"
#include "upload/request_head.hpp"
#include "upload/tls.hpp"
#include "upload/url.hpp"

namespace respand::upload {

struct Destination {
    BaseUrl url;
    std::optional<Proxy> proxy;  ///< without its password
    Secret proxy_password;
    Secret proxy_authorization;
    std::shared_ptr<Tls> tls;
    UploadSettings settings;
    Secret api_key;
};

}  // namespace respand::upload
