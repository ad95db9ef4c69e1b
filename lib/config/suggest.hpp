// "Did you mean …?" for names that do not exist. Inside this room only.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace respand::config {

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "; did you mean 'spool.max_size'?" or, when nothing is near, which keys the section has. `section` exists.
std::string suggest_key(std::string_view section, std::string_view name);

/// The same for a name that is neither a section nor inside one: "ingest.unix_datagam", "max_size".
std::string suggest_section(std::string_view name);

}  // namespace respand::config
