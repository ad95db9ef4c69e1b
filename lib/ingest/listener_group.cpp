#include "ingest/listener_group.hpp"

#include <optional>

#include "base/log.hpp"
#include "ingest/datagram_listener.hpp"
#include "ingest/http_listener.hpp"
#include "ingest/kernel_limits.hpp"
#include "ingest/open_socket.hpp"
#include "ingest/stream_listener.hpp"

namespace respand::ingest {
namespace {

using ListenerPtr = std::shared_ptr<Listener>;

class Group final : public ListenerGroup {
  public:
    explicit Group(std::vector<ListenerPtr> listeners) : listeners_(std::move(listeners)) {}
    ~Group() override {
        for (const auto& listener : listeners_) listener->abandon();
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    void start() override {
        for (const auto& listener : listeners_) listener->start();
    }
    void resume() override {
        for (const auto& listener : listeners_) listener->resume();
    }
    void look_for_drops() override {
        for (const auto& listener : listeners_) listener->look_for_drops();
    }
    void close() override {
        for (const auto& listener : listeners_) listener->close();
    }
    std::vector<ListenerAddress> addresses() const override {
        std::vector<ListenerAddress> all;
        for (const auto& listener : listeners_) all.push_back(listener->address());
        return all;
    }
    ListenerCounters counters() const override {
        ListenerCounters sum;
        for (const auto& listener : listeners_) listener->count(sum);
        return sum;
    }

  private:
    // Shared with the handlers that are under way.
    std::vector<ListenerPtr> listeners_;
};

/// Takes a socket out of what was inherited; empty when it is not there.
UniqueFd take(InheritedSockets& inherited, std::string_view name) {
    const auto found = inherited.find(name);
    if (found == inherited.end()) return {};
    UniqueFd fd = std::move(found->second);
    inherited.erase(found);
    return fd;
}

/// Opens the listeners one by one. Those opened before a fault go with this object.
struct Opener {
    boost::asio::io_context& io;
    const IngestSettings& settings;
    InheritedSockets& inherited;
    Sink& sink;
    std::vector<ListenerPtr> listeners{};

    /// A listener is off when its section is absent, also when somebody hands its socket over.
    static Status not_wanted(const UniqueFd& fd, std::string_view section) {
        if (fd)
            spdlog::warn(
                "a socket was handed over for [{}], which the configuration does not have: it is closed; add "
                "the "
                "section, or disable the socket unit",
                section);
        return {};
    }

    Status open_datagram() {
        UniqueFd fd = take(inherited, "respand-datagram");
        if (!settings.unix_datagram) return not_wanted(fd, "ingest.unix_datagram");
        const UnixDatagramSettings& own = *settings.unix_datagram;
        DatagramOptions options;
        options.kind = ListenerKind::unix_datagram;
        options.largest = own.largest_datagram != 0 ? own.largest_datagram : largest_unix_datagram();
        options.max_record = settings.max_record;
        options.queue_length = unix_queue_length();
        options.linger = settings.linger;
        return add(fd ? adopt_unix_datagram(std::move(fd)) : open_unix_datagram(own), options);
    }

    Status open_udp_socket() {
        UniqueFd fd = take(inherited, "respand-udp");
        if (!settings.udp) return not_wanted(fd, "ingest.udp");
        const UdpSettings& own = *settings.udp;
        DatagramOptions options;
        options.kind = ListenerKind::udp;
        options.largest = kLargestUdpDatagram;
        options.queue_length = kSmallDrain * 2;  // bounded in bytes: thousands of small ones
        options.linger = settings.linger;
        return add(fd ? adopt_udp(std::move(fd), own) : open_udp(own), options);
    }

    Status open_stream() {
        UniqueFd fd = take(inherited, "respand-stream");
        if (!settings.unix_stream) return not_wanted(fd, "ingest.unix_stream");
        const UnixStreamSettings& own = *settings.unix_stream;
        auto socket = fd ? adopt_unix_stream(std::move(fd)) : open_unix_stream(own.socket);
        if (!socket) return std::unexpected(std::move(socket.error()).within("ingest.unix_stream"));
        const StreamOptions options{settings.max_record, own.max_connections};
        listeners.push_back(std::make_shared<StreamListener>(io, std::move(*socket), options, sink));
        return {};
    }

    Status open_http() {
        UniqueFd fd = take(inherited, "respand-http");
        if (!settings.http) return not_wanted(fd, "ingest.http");
        const HttpSettings& own = *settings.http;
        if (fd) return add_http(adopt_http(std::move(fd), own));
        if (!own.listen.empty())
            if (auto added = add_http(open_tcp(own.listen)); !added) return added;
        return own.socket.path.empty() ? Status{} : add_http(open_unix_stream(own.socket));
    }

    Status add_http(Result<OpenSocket> socket) {
        if (!socket) return std::unexpected(std::move(socket.error()).within("ingest.http"));
        const HttpSettings& own = *settings.http;
        const HttpOptions options{own.max_connections, own.max_body.value, own.header_timeout,
                                  own.body_timeout, own.commit_timeout};
        listeners.push_back(std::make_shared<HttpListener>(io, std::move(*socket), options, sink));
        return {};
    }

    Status add(Result<OpenSocket> socket, const DatagramOptions& options) {
        const std::string section = "ingest." + std::string(name(options.kind));
        if (!socket) return std::unexpected(std::move(socket.error()).within(section));
        auto listener = DatagramListener::make(io, std::move(*socket), options, sink);
        if (!listener) return std::unexpected(std::move(listener.error()).within(section));
        listeners.push_back(std::move(*listener));
        return {};
    }
};

}  // namespace

Result<std::unique_ptr<ListenerGroup>> ListenerGroup::open(boost::asio::io_context& io,
                                                           const IngestSettings& settings,
                                                           InheritedSockets inherited, Sink& sink) {
    if (auto valid = settings.validate(); !valid) return std::unexpected(valid.error());
    Opener opener{io, settings, inherited, sink};
    if (auto opened = opener.open_datagram(); !opened) return std::unexpected(opened.error());
    if (auto opened = opener.open_stream(); !opened) return std::unexpected(opened.error());
    if (auto opened = opener.open_udp_socket(); !opened) return std::unexpected(opened.error());
    if (auto opened = opener.open_http(); !opened) return std::unexpected(opened.error());
    for (const auto& [socket_name, fd] : inherited)
        spdlog::warn(
            "the inherited socket '{}' is not known and was closed; listeners take 'respand-datagram', "
            "'respand-stream', 'respand-udp' and 'respand-http' (FileDescriptorName= in the socket unit)",
            socket_name);
    for (const auto& listener : opener.listeners)
        spdlog::info("listening for records: {} {}", name(listener->address().kind),
                     listener->address().address);
    return std::make_unique<Group>(std::move(opener.listeners));
}

}  // namespace respand::ingest
