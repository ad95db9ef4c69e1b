// The service manager's protocol (sd_notify(3), sd_listen_fds(3)). Does nothing outside systemd.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/fd.hpp"

namespace respand::runtime {

void notify_ready();
void notify_reloading();
void notify_stopping();
void notify_watchdog();
/// One line for `systemctl status`.
void notify_status(const std::string& line);

/// How often the watchdog must be fed, when the service manager asks for it.
std::optional<std::chrono::microseconds> watchdog_interval();

/// Sockets handed over by the service manager, by their FileDescriptorName=. Call once, early in main.
std::map<std::string, UniqueFd, std::less<>> take_inherited_sockets();

}  // namespace respand::runtime
