// A local sender: brings records to the daemon as an app does, over a Unix socket or HTTP.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace respand::ctl {

class RecordSender {
  public:
    /// Connects to the datagram or stream socket at a path, or to "http://ADDRESS:PORT".
    static Result<std::unique_ptr<RecordSender>> connect(const std::string& to);
    virtual ~RecordSender() = default;

    /// Sends one record, or keeps it for one request with the next ones; blocks while the daemon pushes back.
    /// `place`: where it comes from ("line 7"), for messages.
    virtual Status send(std::string_view record, const std::string& place) = 0;
    /// Sends what was kept. To be called at the end.
    virtual Status finish() { return {}; }

    /// Records that the other end has; over HTTP: that are durable.
    std::uint64_t sent() const { return sent_; }
    /// Records that it refused, which only HTTP tells. Each was named on standard error.
    std::uint64_t refused() const { return refused_; }

  protected:
    std::uint64_t sent_ = 0, refused_ = 0;
};

/// In http_sender.cpp.
Result<std::unique_ptr<RecordSender>> connect_http(const std::string& url);

}  // namespace respand::ctl
