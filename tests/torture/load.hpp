// Programs that send: one thread each, numbered records, and what each connection had sent when it broke.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "daemon.hpp"
#include "support/http_client.hpp"

namespace respand::torture {

/// "s<sender>.<connection>.<number>": a record's name tells what it looks like and what was sent before it.
struct RecordName {
    unsigned sender = 0, connection = 0, number = 0;
    std::string text() const;
    static RecordName parse(std::string_view text);
    /// The record as its sender wrote it.
    std::string record(std::size_t more = 0) const;
};

enum class Kind : std::uint8_t { stream, datagram, udp, http };

class Load {
  public:
    /// Starts senders of these kinds against the daemon's sockets. They connect again when it comes back.
    /// `size`: bytes added to each record.
    Load(const Daemon& daemon, const std::vector<Kind>& kinds, std::uint64_t seed, std::size_t size = 0);
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() { stop(); }
    void stop();
    std::uint64_t sent() const { return sent_; }
    std::uint64_t sent_over_unix() const { return sent_over_unix_; }
    /// Records that HTTP answered 201 (or took, and could not make durable in time): these must arrive.
    std::uint64_t sent_over_http() const { return sent_over_http_; }
    /// The names of those answered 201. After stop().
    const std::vector<std::string>& answered() const { return answered_; }
    /// Answers 503.
    std::uint64_t turned_away() const { return turned_away_; }
    /// One more by UDP, when the senders have stopped.
    void send_one_by_udp(std::uint64_t number) const;
    Kind kind_of(unsigned sender) const { return kinds_.at(sender); }

  private:
    void send(unsigned sender, std::uint64_t seed);
    void send_udp(unsigned sender, std::mt19937& random);
    void send_connected(unsigned sender, std::mt19937& random);
    void send_http(unsigned sender, std::mt19937& random);
    /// One request; false when the connection broke. `number`: of its first record, and then of the next.
    bool post(test::HttpClient& client, RecordName& name, unsigned count);

    std::string datagram_, stream_;
    std::uint16_t udp_port_, http_port_;
    std::vector<Kind> kinds_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> sent_{0}, sent_over_unix_{0}, sent_over_http_{0}, turned_away_{0};
    std::mutex mutex_;
    std::vector<std::string> answered_;
    std::size_t size_;
    std::vector<std::thread> threads_;
};

}  // namespace respand::torture
