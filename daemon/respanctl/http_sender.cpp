// Records over HTTP: some in a request, and each is known to be durable or refused.
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "control/http_exchange.hpp"
#include "ingest/inet_address.hpp"
#include "respanctl/record_sender.hpp"

namespace respand::ctl {
namespace {

using Json = nlohmann::json;

/// Of one request: as many as share a chunk in the queue.
constexpr std::size_t kMaxRecords = 500;
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
/// A daemon that has no room is asked again after a second, for so long.
constexpr int kTries = 60;
constexpr std::chrono::seconds kPause{1};
constexpr timeval kTimeout{60, 0};  // beyond what the daemon lets a commit take

class HttpSender final : public RecordSender {
  public:
    HttpSender(const ingest::InetAddress& address, std::string url)
        : address_(address), url_(std::move(url)) {}

    Status send(std::string_view record, const std::string& place) override {
        if (!places_.empty() && body_.size() + record.size() > kMaxBytes)
            if (auto done = finish(); !done) return done;
        body_ += places_.empty() ? '[' : ',';
        body_ += record;
        places_.push_back(place);
        return places_.size() < kMaxRecords ? Status{} : finish();
    }

    Status finish() override {
        if (places_.empty()) return {};
        body_ += ']';
        for (int tries = 1;; ++tries) {
            const auto answer = post();
            if (!answer) return std::unexpected(answer.error());
            const Json json = Json::parse(answer->body, nullptr, false);
            const std::string detail = json.is_object() ? json.value("detail", "") : "";
            const bool again = answer->status == 503 && json.is_object() && !json.contains("taken");
            if (again && tries < kTries) {
                if (tries == 1)
                    std::fprintf(stderr, "respanctl: %s: %s; waiting\n", url_.c_str(), detail.c_str());
                std::this_thread::sleep_for(kPause);
                continue;
            }
            if (!json.is_object() || !json.contains("errors"))
                return fail(answer->status == 503 ? ErrorKind::temporary : ErrorKind::data,
                            url_ + ": answered " + std::to_string(answer->status) + ": " + detail);
            note(json);
            body_.clear();
            places_.clear();
            return {};
        }
    }

  private:
    void note(const Json& answer) {
        for (const Json& error : answer["errors"]) {
            std::fprintf(stderr, "respanctl: %s: refused (%s): %s\n",
                         places_.at(error["index"].get<std::size_t>()).c_str(),
                         error["reason"].get<std::string>().c_str(),
                         error["error"].get<std::string>().c_str());
            ++refused_;
        }
        sent_ += places_.size() - answer["errors"].size();
    }

    Result<control::ClientAnswer> post() const {
        const UniqueFd fd(::socket(address_.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
        ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
        if (::connect(fd.get(), address_.data(), address_.size()) != 0)
            return fail(ErrorKind::unavailable, url_ + ": " + std::generic_category().message(errno) +
                                                    "; is respand running, with [ingest.http]?");
        const std::string head =
            "POST /v1/records HTTP/1.1\r\nHost: respand\r\nConnection: close\r\nContent-Type: "
            "application/json\r\nContent-Length: " +
            std::to_string(body_.size()) + "\r\n\r\n";
        return control::exchange(fd.get(), head + body_, url_);
    }

    ingest::InetAddress address_;
    std::string url_;
    std::string body_;
    std::vector<std::string> places_;  ///< of the records in the body
};

}  // namespace

Result<std::unique_ptr<RecordSender>> connect_http(const std::string& url) {
    std::string_view where = std::string_view(url).substr(std::string_view("http://").size());
    if (where.ends_with('/')) where.remove_suffix(1);
    const auto address = ingest::InetAddress::parse(where);
    if (!address) return fail(ErrorKind::usage, "--to " + url + ": " + address.error().message);
    return std::make_unique<HttpSender>(*address, url);
}

}  // namespace respand::ctl
