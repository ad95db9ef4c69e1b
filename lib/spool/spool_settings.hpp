// Settings of the spool: [spool].
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/units.hpp"

namespace respand::spool {

/// What happens to records when the queue is at its limit.
enum class FullPolicy : std::uint8_t {
    block,         ///< intake pauses: Unix sockets push back, the kernel drops UDP datagrams and counts them
    drop_newest,   ///< what comes is counted and dropped
    drop_oldest,   ///< what has waited longest is discarded and counted
    shed_content,  ///< prompts and completions are cut out near the limit; ids, tokens, cost and times stay
};

struct SpoolSettings {
    std::string path = "/var/lib/respand/spool.db";
    /// Size of the live data at which intake pauses (Unix sockets push back, UDP datagrams are dropped by the
    /// kernel and counted); it resumes when uploads have freed a twentieth of it.
    ByteCount max_size = 4_GiB;
    /// Records that have waited longer are discarded and counted; 0: never. Measured by the queue's own
    /// clock, which a wrong wall clock does not move (README).
    std::chrono::microseconds max_age{0};
    FullPolicy policy = FullPolicy::block;
    /// How long the id of a record is remembered, so that it is accepted once; 0: not at all.
    std::chrono::microseconds duplicate_window = std::chrono::hours{24};
    /// Ids remembered at most, the newest. About 100 bytes of memory and 20 on disk each.
    std::uint32_t duplicate_ids = 1'000'000;
    Status validate() const;
};

}  // namespace respand::spool
