#include "load.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "support/sender.hpp"

namespace respand::torture {
namespace {

/// Milliseconds between two bursts, at most; and records in one.
constexpr unsigned kMaxPauseMs = 5, kMaxBurst = 20;

}  // namespace

std::string RecordName::text() const {
    return "s" + std::to_string(sender) + "." + std::to_string(connection) + "." + std::to_string(number);
}

RecordName RecordName::parse(std::string_view text) {
    RecordName name;
    const char* at = text.data() + 1;
    const char* end = text.data() + text.size();
    for (unsigned* part : {&name.sender, &name.connection, &name.number}) {
        at = std::from_chars(at, end, *part).ptr;
        if (at != end) ++at;  // the dot
    }
    return name;
}

std::string RecordName::record(std::size_t more) const {
    const std::size_t length = (sender * 7919 + connection * 104729 + number * 1299709) % 600 + more;
    return R"({"model":"openai/gpt-4o-mini","prompt_tokens":18,"completion_tokens":502,"custom_identifier":")" +
           text() + R"(","input":")" + std::string(length, static_cast<char>('a' + number % 26)) + "\"}";
}

Load::Load(const Daemon& daemon, const std::vector<Kind>& kinds, std::uint64_t seed, std::size_t size)
    : datagram_(daemon.datagram()),
      stream_(daemon.stream()),
      udp_port_(daemon.udp_port()),
      http_port_(daemon.http_port()),
      kinds_(kinds),
      size_(size) {
    for (unsigned sender = 0; sender < kinds.size(); ++sender)
        threads_.emplace_back([this, sender, seed] { send(sender, seed + sender); });
}

void Load::send_one_by_udp(std::uint64_t number) const {
    const auto sender = static_cast<unsigned>(std::ranges::find(kinds_, Kind::udp) - kinds_.begin());
    test::send_udp(udp_port_, RecordName{sender, 1, static_cast<unsigned>(number)}.record());
}

void Load::stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Load::send(unsigned sender, std::uint64_t seed) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    if (kinds_.at(sender) == Kind::udp)
        send_udp(sender, random);
    else if (kinds_.at(sender) == Kind::http)
        send_http(sender, random);
    else
        send_connected(sender, random);
}

void Load::send_udp(unsigned sender, std::mt19937& random) {
    for (unsigned number = 0; !stop_;) {
        for (auto burst = random() % kMaxBurst; burst > 0; --burst) {
            test::send_udp(udp_port_, RecordName{sender, 0, number++}.record(size_));
            ++sent_;
        }
        ::poll(nullptr, 0, static_cast<int>(1 + random() % kMaxPauseMs));
    }
}

void Load::send_connected(unsigned sender, std::mt19937& random) {
    const bool is_stream = kinds_.at(sender) == Kind::stream;
    for (unsigned connection = 0; !stop_; ++connection) {
        const test::UnixSender socket(is_stream ? stream_ : datagram_, is_stream ? SOCK_STREAM : SOCK_DGRAM);
        bool up = socket.connected();
        for (unsigned number = 0; up && !stop_;) {
            for (auto burst = random() % kMaxBurst; up && burst > 0; --burst) {
                up = socket.send(RecordName{sender, connection, number}.record(size_) +
                                 (is_stream ? "\n" : ""));
                if (!up) break;
                ++number;
                ++sent_over_unix_;
                ++sent_;
            }
            ::poll(nullptr, 0, static_cast<int>(1 + random() % kMaxPauseMs));
        }
        ::poll(nullptr, 0, 1);
    }
}

bool Load::post(test::HttpClient& client, RecordName& name, unsigned count) {
    std::string body;
    std::vector<std::string> names;
    RecordName next = name;
    for (; count > 0; --count, ++next.number) {
        body += next.record(size_) + "\n";
        names.push_back(next.text());
    }
    if (!client.send("POST", "/v1/records", body, "Content-Type: application/x-ndjson\r\n")) return false;
    const auto reply = client.read();
    if (!reply) return false;
    const bool durable = reply->status == 201;
    if (reply->status == 503) ++turned_away_;
    // Taken, and still to be written: it is not sent again.
    if (!durable && reply->body.find("not durable yet") == std::string::npos) return true;
    name = next;
    sent_over_http_ += names.size();
    sent_ += names.size();
    const std::lock_guard lock(mutex_);
    if (durable) answered_.insert(answered_.end(), names.begin(), names.end());
    return true;
}

void Load::send_http(unsigned sender, std::mt19937& random) {
    for (unsigned connection = 0; !stop_; ++connection) {
        test::HttpClient client(http_port_);
        RecordName name{sender, connection, 0};
        bool up = client.connected();
        while (up && !stop_) {
            up = post(client, name, 1 + static_cast<unsigned>(random() % kMaxBurst));
            ::poll(nullptr, 0, static_cast<int>(1 + random() % kMaxPauseMs));
        }
        ::poll(nullptr, 0, 1);
    }
}

}  // namespace respand::torture
