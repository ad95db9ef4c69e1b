// Opening a file, whatever its state. Inside this room only.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "spool/rescue.hpp"
#include "spool/store.hpp"

namespace respand::spool {

/// Files up to this size are looked through at each start; larger ones show their damage when they are read.
inline constexpr ByteCount kCheckedAtStart = 64_MiB;

/// How much a file is trusted.
enum class Trust : std::uint8_t {
    usual,     ///< files up to kCheckedAtStart are looked through
    doubtful,  ///< its log was put right: every page, record and amount is looked at first
};

/// The store, or what is left of it in a fresh file: then `rescued` says so, and the log.
Result<std::unique_ptr<Store>> open_or_rescue(const std::string& path, const Clock& clock, Trust trust,
                                              std::optional<Rescue>& rescued);

/// Keeps and logs it.
void note_rescue(std::optional<Rescue>& to, Rescue rescue);

/// The log beside the file was written by another spool: SQLite believes it, page by page. An error when it
/// could not be read.
Result<bool> log_is_anothers(const std::string& path);

}  // namespace respand::spool
