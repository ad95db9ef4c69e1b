// One HTTP exchange, free of any HTTP library: what the API sees of a request, and what it wants sent.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace respand::sandbox {

/// The views live until the answer is made.
struct HttpRequest {
    std::string_view method;
    std::string_view target;  ///< as sent, with its query
    std::string_view content_type;
    std::string_view content_encoding;
    std::string_view authorization;
    std::string_view body;
};

struct HttpAnswer {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;  ///< besides Content-Type and Content-Length
    std::chrono::microseconds delay{0};                        ///< wait this long before the answer or reset
    bool reset = false;                                        ///< reset the connection instead of answering
};

}  // namespace respand::sandbox
