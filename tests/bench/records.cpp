#include "records.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <thread>

namespace respand::bench {

using std::chrono::steady_clock;

std::uint64_t now_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

RecordTemplate::RecordTemplate(std::size_t size) {
    text_ =
        R"({"model":"openai/gpt-4o-mini","usage":{"prompt_tokens":812,"completion_tokens":310},)"
        R"("generation_time":1.25,"customer_params":{"customer_identifier":"user_4711"},"custom_identifier":")";
    at_ = text_.size();
    text_ += std::string(3 + 12 + 1 + 19, '0') + R"(","prompt_messages":[{"role":"user","content":")";
    const std::string words =
        "please summarise the contract and \\\"quote\\\" the clauses on liability, caf\xc3\xa9 ";
    while (text_.size() + words.size() + 4 < size) text_ += words;
    if (text_.size() + 4 < size) text_.append(size - text_.size() - 4, '.');
    text_ += "\"}]}";
}
const std::string& RecordTemplate::stamped(std::uint64_t sequence) {
    char id[64];
    std::snprintf(id, sizeof id, "~bq%012llu.%019llu", static_cast<unsigned long long>(sequence),
                  static_cast<unsigned long long>(now_ns()));
    std::memcpy(text_.data() + at_, id, 3 + 12 + 1 + 19);
    return text_;
}

void send_records(int fd, RecordTemplate& record, std::uint64_t first, std::uint64_t count, double rate) {
    const auto start = steady_clock::now();
    for (std::uint64_t i = 0; i < count; ++i) {
        if (rate > 0)
            std::this_thread::sleep_until(start + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                                      static_cast<double>(i) / rate * 1e9)));
        const std::string& text = record.stamped(first + i);
        if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0)
            throw std::runtime_error("sending failed");
    }
}

UniqueFd connect_unix(const std::filesystem::path& path) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.reset();
    return fd;
}

}  // namespace respand::bench
