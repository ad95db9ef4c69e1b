// Settings of the spool: [spool].
#pragma once
#include <string>

#include "base/result.hpp"
#include "base/units.hpp"

namespace respand::spool {

struct SpoolSettings {
    std::string path = "/var/lib/respand/spool.db";
    /// Size of the live data at which intake pauses (Unix sockets push back, UDP datagrams are dropped by the
    /// kernel and counted); it resumes when uploads have freed a twentieth of it.
    ByteCount max_size = 4_GiB;
    Status validate() const;
};

}  // namespace respand::spool
