#include "respanctl/record_sender.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/fd.hpp"

namespace respand::ctl {
namespace {

std::string words(int code) { return std::generic_category().message(code); }

/// write() until all is written; the errno of a failure.
int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

/// What an HTTP listener says to a line that is no request.
constexpr std::string_view kHttpAnswer = "HTTP/";
/// For the other end to have read everything, or to have said that it speaks HTTP. A daemon that pushes back
/// takes longer, and has nothing to say.
constexpr timeval kLastWords{0, 500'000};

class SocketSender final : public RecordSender {
  public:
    SocketSender(UniqueFd fd, bool stream, std::string path)
        : fd_(std::move(fd)), stream_(stream), path_(std::move(path)) {}

    Status send(std::string_view record, const std::string&) override {
        auto done = stream_ ? send_line(record) : send_datagram(record);
        if (done) ++sent_;
        return done;
    }
    /// A stream socket that answers is not the one for lines.
    Status finish() override;

  private:
    Status send_datagram(std::string_view record);
    /// Line ends inside (white space in JSON) become blanks, where a line end ends a record.
    Status send_line(std::string_view record);
    /// What is too large for a datagram goes as a sealed memfd.
    Status send_memfd(std::string_view record);
    Status failure(const char* what, int code) const;

    UniqueFd fd_;
    bool stream_;
    std::string path_;
};

}  // namespace

Result<std::unique_ptr<RecordSender>> RecordSender::connect(const std::string& path) {
    if (path.starts_with("http://")) return connect_http(path);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorKind::usage, path + ": the path is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
        UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
        if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            return std::make_unique<SocketSender>(std::move(fd), type == SOCK_STREAM, path);
        if (errno == EPROTOTYPE) continue;
        const int code = errno;
        if (code == EACCES)
            return fail(ErrorKind::no_permission,
                        path + ": " + words(code) + "; senders must be in the socket's group");
        return fail(ErrorKind::unavailable,
                    path + ": " + words(code) + "; is respand running, with this listener?");
    }
    return fail(ErrorKind::unavailable, path + " is neither a datagram nor a stream socket");
}

Status SocketSender::failure(const char* what, int code) const {
    return fail(ErrorKind::unavailable, path_ + ": " + what + ": " + words(code));
}

Status SocketSender::finish() {
    if (!stream_ || sent_ == 0) return {};
    ::shutdown(fd_.get(), SHUT_WR);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kLastWords, sizeof kLastWords);
    std::array<char, kHttpAnswer.size()> answer{};
    const ssize_t size = ::recv(fd_.get(), answer.data(), answer.size(), MSG_WAITALL);
    if (size < 0 || std::string_view(answer.data(), static_cast<std::size_t>(size)) != kHttpAnswer) return {};
    sent_ = 0;
    return fail(ErrorKind::usage,
                path_ +
                    " is an HTTP socket, and took nothing; send to the path of "
                    "[ingest.unix_stream] or [ingest.unix_datagram], or to http://ADDRESS:PORT");
}

Status SocketSender::send_datagram(std::string_view record) {
    for (;;) {
        if (::send(fd_.get(), record.data(), record.size(), MSG_NOSIGNAL) >= 0) return {};
        if (errno == EINTR) continue;
        if (errno == EMSGSIZE) return send_memfd(record);
        return failure("sending failed", errno);
    }
}

Status SocketSender::send_line(std::string_view record) {
    std::string text(record);
    std::replace(text.begin(), text.end(), '\n', ' ');
    text.push_back('\n');
    if (const int code = write_all(fd_.get(), text); code != 0) return failure("sending failed", code);
    return {};
}

Status SocketSender::send_memfd(std::string_view record) {
    const UniqueFd memory(::memfd_create("respand-record", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!memory) return failure("memfd_create failed", errno);
    if (const int code = write_all(memory.get(), record); code != 0)
        return failure("writing to a memfd failed", code);
    if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
        return failure("sealing a memfd failed", errno);
    const int fd = memory.get();
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
    msghdr message{};
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    while (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL) < 0)
        if (errno != EINTR) return failure("sending a memfd failed", errno);
    return {};
}

}  // namespace respand::ctl
