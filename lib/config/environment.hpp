// What the process was started with, as a plain value: so that every default can be tested.
#pragma once
#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace respand::config {

/// Plain data; a default-constructed one is a system service on a machine where everything is in its place.
struct Environment {
    std::map<std::string, std::string, std::less<>> variables;  ///< the process's environment
    uid_t euid = 0;
    std::string home;        ///< from the password database; used when $HOME is not set
    std::string executable;  ///< absolute path of the running program; empty: unknown
    std::string etc_directory = "/etc/respand";
    std::string share_directory = "/usr/share/respand";
    std::string temporary_directory = "/tmp";

    /// The variable's value; nothing when it is unset or empty.
    std::optional<std::string> get(std::string_view name) const;
    /// True for root and for whatever systemd gave a state or runtime directory; false for a person who
    /// starts the program by hand. Decides where things are by default.
    bool is_service() const;

    static Environment of_process();
};

}  // namespace respand::config
