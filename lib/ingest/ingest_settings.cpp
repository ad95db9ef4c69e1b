#include "ingest/ingest_settings.hpp"

#include <sys/un.h>

#include <array>
#include <utility>

#include "ingest/inet_address.hpp"

namespace respand::ingest {
namespace {

/// A sun_path holds 108 bytes, its closing zero among them.
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un{}.sun_path) - 1;
/// More than this is no gathering of a trickle but a daemon that seems to hang.
constexpr std::chrono::microseconds kMaxLinger{1'000'000};
constexpr ByteCount kMinReceiveBuffer = 64_KiB;  // less than one datagram fits no datagram
constexpr ByteCount kMinBody = 64_KiB;
constexpr ByteCount kMaxBody = 64_MiB;  // eight of them may be in memory
constexpr std::chrono::microseconds kMinTimeout{100'000};
constexpr std::chrono::microseconds kMaxTimeout{600'000'000};
constexpr ByteCount kMaxReceiveBuffer = 1_GiB;  // the kernel doubles it, and counts in an int

Status validate_socket(const SocketFile& socket, const std::string& section) {
    if (socket.path.empty()) return fail(ErrorKind::config, section + ".path is empty; name a socket file");
    if (socket.path.size() > kMaxSocketPath)
        return fail(ErrorKind::config, section + ".path '" + socket.path + "' has " +
                                           std::to_string(socket.path.size()) +
                                           " bytes; the kernel takes at most " +
                                           std::to_string(kMaxSocketPath) + ": choose a shorter one");
    if (socket.path.find('\0') != std::string::npos)
        return fail(ErrorKind::config, section + ".path holds a zero byte");
    if (socket.mode > 0777)
        return fail(ErrorKind::config, section + ".mode goes beyond 0777; take \"0660\" or the like");
    return {};
}

}  // namespace

Status UnixDatagramSettings::validate() const { return validate_socket(socket, "ingest.unix_datagram"); }

Status UnixStreamSettings::validate() const {
    if (max_connections == 0)
        return fail(
            ErrorKind::config,
            "ingest.unix_stream.max_connections is 0; leave the section out to turn the listener off");
    return validate_socket(socket, "ingest.unix_stream");
}

Status UdpSettings::validate() const {
    const auto address = InetAddress::parse(listen);
    if (!address) return std::unexpected(Error(address.error()).within("ingest.udp.listen"));
    if (!address->is_loopback() && !allow_remote)
        return fail(ErrorKind::config,
                    "ingest.udp.listen '" + listen +
                        "' can be reached from other machines, and UDP knows no senders; take 127.0.0.1 or "
                        "[::1], or set allow_remote = true if a firewall guards the port");
    if (receive_buffer < kMinReceiveBuffer || receive_buffer > kMaxReceiveBuffer)
        return fail(ErrorKind::config, "ingest.udp.receive_buffer " + format(receive_buffer) +
                                           " is out of range; take " + format(kMinReceiveBuffer) + " to " +
                                           format(kMaxReceiveBuffer));
    return {};
}

Status HttpSettings::validate() const {
    if (listen.empty() && socket.path.empty())
        return fail(
            ErrorKind::config,
            "ingest.http.listen and ingest.http.path are both empty; set one, or leave the section out to "
            "turn the listener off");
    if (!listen.empty()) {
        const auto address = InetAddress::parse(listen);
        if (!address) return std::unexpected(Error(address.error()).within("ingest.http.listen"));
        if (!address->is_loopback() && !allow_remote)
            return fail(
                ErrorKind::config,
                "ingest.http.listen '" + listen +
                    "' can be reached from other machines, and nobody is asked who he is; take 127.0.0.1 "
                    "or [::1], or set allow_remote = true if a firewall guards the port");
    }
    if (!socket.path.empty())
        if (auto valid = validate_socket(socket, "ingest.http"); !valid) return valid;
    if (max_connections == 0)
        return fail(ErrorKind::config,
                    "ingest.http.max_connections is 0; leave the section out to turn the listener off");
    if (max_body < kMinBody || max_body > kMaxBody)
        return fail(ErrorKind::config, "ingest.http.max_body " + format(max_body) +
                                           " is out of range; take " + format(kMinBody) + " to " +
                                           format(kMaxBody));
    for (const auto timeout : {header_timeout, body_timeout, commit_timeout})
        if (timeout < kMinTimeout || timeout > kMaxTimeout)
            return fail(ErrorKind::config, "a time-out of ingest.http, " + format(timeout) +
                                               ", is out of range; take " + format(kMinTimeout) + " to " +
                                               format(kMaxTimeout));
    return {};
}

Status IngestSettings::validate() const {
    if (unix_datagram)
        if (auto valid = unix_datagram->validate(); !valid) return valid;
    if (unix_stream)
        if (auto valid = unix_stream->validate(); !valid) return valid;
    if (udp)
        if (auto valid = udp->validate(); !valid) return valid;
    if (http)
        if (auto valid = http->validate(); !valid) return valid;
    const std::array files{std::pair{"unix_datagram", unix_datagram ? &unix_datagram->socket.path : nullptr},
                           std::pair{"unix_stream", unix_stream ? &unix_stream->socket.path : nullptr},
                           std::pair{"http", http ? &http->socket.path : nullptr}};
    for (std::size_t i = 0; i < files.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const auto& [name, path] = files.at(i);
            const auto& [other, taken] = files.at(j);
            if (path == nullptr || taken == nullptr || path->empty() || *path != *taken) continue;
            return fail(ErrorKind::config, std::string("ingest.") + other + " and ingest." + name +
                                               " have the same path '" + *path + "'; give each its own");
        }
    if (max_record == 0) return fail(ErrorKind::config, "the largest record has 0 bytes");
    if (linger < std::chrono::microseconds::zero() || linger > kMaxLinger)
        return fail(ErrorKind::config,
                    "a linger of " + format(linger) + " is out of range; take 0 to " + format(kMaxLinger));
    return {};
}

}  // namespace respand::ingest
