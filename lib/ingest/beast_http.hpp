// The HTTP library's types, and ours made of them. Private to http_session.cpp.
#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/http_rules.hpp"

namespace respand::ingest {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

/// A body as text that can be padded without being copied.
struct Text {
    using value_type = std::string;
    class reader {
      public:
        template <bool kIsRequest, class Fields>
        reader(http::header<kIsRequest, Fields>&, std::string& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, error_code& error) {
            error = {};
            const std::size_t before = body_.size();
            for (const auto buffer : beast::buffers_range_ref(buffers))
                body_.append(static_cast<const char*>(buffer.data()), buffer.size());
            return body_.size() - before;
        }
        void finish(error_code& error) { error = {}; }

      private:
        std::string& body_;
    };
};
using Parser = http::request_parser<Text>;

inline std::string_view text(beast::string_view view) { return {view.data(), view.size()}; }

inline HttpHead head_of(const Parser& parser) {
    const auto& request = parser.get();
    HttpHead head{text(request.method_string()), text(request.target()),
                  text(request[http::field::content_type]), text(request[http::field::content_encoding]),
                  text(request[http::field::expect])};
    head.has_origin = request.find(http::field::origin) != request.end();
    const auto encoding = request[http::field::transfer_encoding];
    head.chunked = parser.chunked() && beast::iequals(encoding, "chunked");
    head.other_encoding = !encoding.empty() && !head.chunked;
    if (const auto length = parser.content_length()) head.content_length = *length;
    head.http_1_0 = request.version() < 11;
    return head;
}

/// The bytes are no HTTP, as opposed to none at all.
inline bool is_malformed(const error_code& error) {
    return error.category() == http::make_error_code(http::error::bad_value).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

/// What such bytes are answered.
inline HttpAnswer malformed(const error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return refusal(431, "the head of the request is too large");
    if (error == http::error::body_limit)
        return refusal(413, "larger than max_body of [ingest.http]: send it in several requests");
    return refusal(400, "not HTTP as it should be: " + error.message());
}

using Response = http::response<http::string_body>;

inline Response response_to(const Parser::value_type& request, const HttpAnswer& answer, bool keep) {
    Response response(static_cast<http::status>(answer.status), 11);
    response.set(http::field::server, "respand");
    response.set(http::field::content_type, "application/json");
    if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
    if (answer.retry_after.count() > 0)
        response.set(http::field::retry_after, std::to_string(answer.retry_after.count()));
    if (!keep)
        response.set(http::field::connection, "close");
    else if (request.version() < 11)
        response.set(http::field::connection, "keep-alive");
    response.content_length(answer.body.size());
    if (request.method() != http::verb::head) response.body() = answer.body;
    return response;
}

}  // namespace respand::ingest
