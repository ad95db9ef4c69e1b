#include "runtime/notify.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace respand::runtime {

void notify_ready() { sd_notify(0, "READY=1"); }

void notify_reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const long long micros = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", micros);
}

void notify_stopping() { sd_notify(0, "STOPPING=1"); }

void notify_watchdog() { sd_notify(0, "WATCHDOG=1"); }

void notify_status(const std::string& line) { sd_notify(0, ("STATUS=" + line).c_str()); }

std::optional<std::chrono::microseconds> watchdog_interval() {
    std::uint64_t micros = 0;
    if (sd_watchdog_enabled(0, &micros) <= 0) return {};
    return std::chrono::microseconds{static_cast<std::int64_t>(micros)};
}

std::map<std::string, UniqueFd, std::less<>> take_inherited_sockets() {
    std::map<std::string, UniqueFd, std::less<>> sockets;
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        sockets[names[i]] = UniqueFd(SD_LISTEN_FDS_START + i);
        std::free(names[i]);
    }
    std::free(names);
    return sockets;
}

}  // namespace respand::runtime
