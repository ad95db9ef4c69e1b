#include "daemon.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>

#include "base/fd.hpp"
#include "control/control_client.hpp"

namespace respand::torture {
namespace {

constexpr std::chrono::seconds kStartDeadline{60};

/// A UDP (SOCK_DGRAM) or TCP (SOCK_STREAM) port that was free a moment ago.
std::uint16_t free_port(int type) {
    const UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace

Daemon::Daemon(const Plan& plan, Setup setup)
    : plan_(plan),
      setup_(std::move(setup)),
      udp_port_(free_port(SOCK_DGRAM)),
      http_port_(free_port(SOCK_STREAM)) {
    write_config();
}

void Daemon::write_config() const {
    const std::string& dir = setup_.directory;
    test::write_file(
        dir + "/respand.toml",
        "[ingest.unix_datagram]\npath = \"" + datagram() + "\"\n[ingest.unix_stream]\npath = \"" + stream() +
            "\"\n[ingest.udp]\nlisten = \"127.0.0.1:" + std::to_string(udp_port_) +
            "\"\n[ingest.http]\nlisten = \"127.0.0.1:" + std::to_string(http_port_) +
            "\"\n[spool]\npath = \"" + setup_.spool + "\"\n" + setup_.spool_lines + "[pricing]\ntable = \"" +
            plan_.source + "/conf/pricing.json\"\noverlays = \"" + dir +
            "/pricing.d\"\n[upload]\nbase_url = \"" + setup_.base_url +
            "\"\napi_key = { env = \"RESPAN_API_KEY\" }\nlinger = \"5ms\"\nbulk_requests_per_minute = 0\n" +
            setup_.upload_lines + "[control]\npath = \"" + dir +
            "/control.sock\"\n[log]\nformat = \"text\"\n" + setup_.extra);
}

void Daemon::launch() {
    launched_ = std::chrono::steady_clock::now();
    took_.reset();
    process_ = std::make_unique<test::Process>(
        std::vector<std::string>{plan_.programs + "/respand", "--config", setup_.directory + "/respand.toml"},
        setup_.directory + "/respand.log", std::map<std::string, std::string>{{"RESPAN_API_KEY", "the-key"}});
}

std::optional<std::chrono::duration<double>> Daemon::ready() {
    while (!took_) {
        const std::chrono::duration<double> since = std::chrono::steady_clock::now() - launched_;
        if (!status().is_null()) took_ = since;
        if (took_) break;
        if (!running() || since > kStartDeadline) return std::nullopt;
        ::poll(nullptr, 0, 1);
    }
    return took_;
}

bool Daemon::kill() {
    process_->signal(SIGKILL);
    return process_->wait() == 128 + SIGKILL;
}

int Daemon::stop() {
    process_->signal(SIGTERM);
    return process_->wait().value_or(-1);
}

nlohmann::json Daemon::ask(const std::string& target) const {
    const auto answer = control::ask(setup_.directory + "/control.sock", "GET", target);
    if (!answer || answer->status != 200) return nullptr;
    return nlohmann::json::parse(answer->body, nullptr, false);
}

std::string Daemon::last_words() const {
    constexpr std::size_t kShown = 600;
    const std::string log = test::read_file(setup_.directory + "/respand.log");
    return log.size() > kShown ? "…" + log.substr(log.size() - kShown) : log;
}

}  // namespace respand::torture
