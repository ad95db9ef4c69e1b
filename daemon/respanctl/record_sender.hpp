// A local sender: writes records to the daemon's datagram or stream socket, as an app does.
#pragma once
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace respand::ctl {

class RecordSender {
  public:
    /// Connects to the socket at `path`, whichever of the two kinds it is.
    static Result<RecordSender> connect(const std::string& path);

    /// Sends one record; blocks while the daemon pushes back. Line ends inside (white space in JSON) become
    /// blanks on a stream, where a line end ends a record. What is too large for a datagram goes as a sealed
    /// memfd.
    Status send(std::string_view record);

  private:
    RecordSender(UniqueFd fd, bool stream, std::string path)
        : fd_(std::move(fd)), stream_(stream), path_(std::move(path)) {}
    Status send_line(std::string_view record);
    Status send_memfd(std::string_view record);
    Status failure(const char* what, int code) const;

    UniqueFd fd_;
    bool stream_;
    std::string path_;
};

}  // namespace respand::ctl
