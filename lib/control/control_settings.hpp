// Settings of the control socket: [control].
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace respand::control {

struct ControlSettings {
    std::string path = "/run/respand/control.sock";
    std::uint32_t mode = 0600;  ///< who may look into the queue and change it: the daemon's user and root
    Status validate() const;
};

}  // namespace respand::control
