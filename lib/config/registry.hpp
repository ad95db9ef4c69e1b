// The one table of sections and keys. Reading, printing, suggestions and the reference all come from it.
// Inside this room only.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace respand::config {

/// How a key is written in TOML, and what is checked of every value of that kind.
enum class Kind {
    text,                 ///< string
    path,                 ///< string: absolute path
    socket,               ///< string: absolute path that fits into a socket address
    choice,               ///< string: one of Key::choices
    count,                ///< integer within Key::range
    flag,                 ///< boolean
    octal,                ///< string: permission bits in octal, "0660"
    size,                 ///< string with unit within Key::range (bytes)
    duration,             ///< string with unit within Key::range (microseconds)
    texts,                ///< array of strings
    counts,               ///< array of integers within Key::range
    key_source,           ///< table: { credential = … }, { file = … } or { env = … }
    optional_key_source,  ///< the same, or "" for none
};

/// The place in a Config that a key stands for.
using Slot = std::variant<std::string*, std::uint32_t*, bool*, ByteCount*, std::chrono::microseconds*,
                          upload::Mode*, spool::FullPolicy*, LogFormat*, KeySource*,
                          std::optional<KeySource>*, std::vector<std::string>*, std::vector<std::uint32_t>*>;

/// Least and greatest value, both allowed: a number, bytes or microseconds, by kind.
struct Range {
    std::int64_t least = 0;
    std::int64_t greatest = 0;
};

struct Key {
    std::string_view section;  ///< "ingest.udp"
    std::string_view name;     ///< "receive_buffer"
    Kind kind;
    Slot (*slot)(Config&);  ///< precondition: the section is present in that Config
    std::string_view doc;   ///< one sentence or two, Markdown
    Range range{};
    std::span<const std::string_view> choices{};  ///< in the order of the enum
    bool may_be_empty = false;
    std::string_view example{};  ///< shown in messages instead of the default
    /// A further check of a text; returns what is wrong with it, or nothing.
    std::optional<std::string> (*check)(const std::string&) = nullptr;

    std::string full_name() const { return std::string(section) + "." + std::string(name); }
};

struct Section {
    std::string_view name;
    std::string_view doc;
    bool (*present)(const Config&);     ///< false: this listener is off
    void (*remove)(Config&);            ///< turns the listener off; nothing to do for the others
    Status (*validate)(const Config&);  ///< the part's own word on its settings; precondition: present
    /// [[lane]]: any number of them, and each may hold every key of [upload] too. Its slots lie in the
    /// scratch configuration of one lane, see lanes.hpp.
    bool repeated = false;
};

/// In the order in which they are printed.
std::span<const Section> sections();
std::span<const Key> keys();
/// Those of [ingest.*], which keys() holds as well.
std::span<const Key> listener_keys();

const Section* find_section(std::string_view name);
const Key* find_key(std::string_view section, std::string_view name);

}  // namespace respand::config
