#include "include_rule.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string_view>

namespace respand::rules {
namespace {

using Names = std::vector<std::string_view>;

/// A library, and which of a room's files may include it.
struct Library {
    std::string_view prefix;  ///< "boost/beast"; the longest that fits counts
    Names files;              ///< beginnings of file names; empty: every file
    bool sources_only = false;
};

struct Room {
    std::string_view name;
    Names rooms;  ///< besides itself
    std::vector<Library> libraries;
};

/// The table of the design. Included rooms stand nearer to the socket; nobody includes back.
const std::vector<Room>& table() {
    static const std::vector<Room> kTable{
        {"base", {}, {{"spdlog/", {}}, {"prometheus/", {}}}},
        {"runtime",
         {"base"},
         {{"boost/asio", {}},
          {"boost/system", {}},
          {"boost/beast", {"asio_impl"}, true},
          {"systemd/", {}, true}}},
        {"sqlite", {"base"}, {{"sqlite3.h", {}}}},
        {"record", {"base"}, {{"simdjson.h", {}}, {"nlohmann/", {}, true}}},
        {"pricing", {"base", "record"}, {{"nlohmann/", {}, true}}},
        {"ingest",
         {"base", "runtime"},
         {{"boost/asio", {}}, {"boost/system", {}}, {"boost/beast", {"http"}, true}}},
        {"spool", {"base", "sqlite", "record", "pricing"}, {}},
        {"upload",
         {"base", "runtime", "spool"},
         {{"boost/asio", {}},
          {"boost/system", {}},
          {"boost/beast", {"transport", "http", "beast"}, true},
          {"openssl/", {}, true},
          {"nlohmann/", {}, true}}},
        {"pipeline",
         {"base", "runtime", "record", "pricing", "ingest", "spool", "upload"},
         {{"boost/asio", {}}, {"boost/system", {}}}},
        {"config", {"base"}, {{"toml++/", {"reader"}, true}}},
        {"control",
         {"base", "runtime", "record", "pricing", "ingest", "spool", "upload", "pipeline"},
         {{"boost/asio", {}},
          {"boost/system", {}},
          {"boost/beast", {}, true},
          {"nlohmann/", {}, true},
          {"prometheus/", {}}}},
    };
    return kTable;
}

/// Headers of the C library and of the kernel, which everybody may use.
bool is_system_header(std::string_view path) {
    static const Names kFolders{"sys/", "linux/", "netinet/", "arpa/", "net/", "bits/"};
    if (path.ends_with("mmintrin.h")) return true;  // the compiler's SIMD intrinsics
    static const Names kHeaders{"dirent.h", "dlfcn.h",  "errno.h",   "fcntl.h", "getopt.h",   "grp.h",
                                "netdb.h",  "poll.h",   "pthread.h", "pwd.h",   "sched.h",    "signal.h",
                                "stdio.h",  "stdlib.h", "string.h",  "time.h",  "sysexits.h", "unistd.h"};
    if (path.find('.') == std::string_view::npos && path.find('/') == std::string_view::npos)
        return true;  // std
    return std::ranges::any_of(kFolders, [&](auto folder) { return path.starts_with(folder); }) ||
           std::ranges::find(kHeaders, path) != kHeaders.end();
}

std::optional<std::string> wrong_library(const Room& room, std::string_view file_name,
                                         std::string_view path) {
    if (is_system_header(path)) return std::nullopt;
    // GCC 12 has no <format>; the logger brings its own, which is the same.
    if (path.starts_with("spdlog/fmt/") && file_name.ends_with(".cpp")) return std::nullopt;
    const Library* best = nullptr;
    for (const Library& library : room.libraries)
        if (path.starts_with(library.prefix) &&
            (best == nullptr || library.prefix.size() > best->prefix.size()))
            best = &library;
    const std::string shown = "<" + std::string(path) + ">";
    if (best == nullptr) return shown + " is not for the room '" + std::string(room.name) + "'";
    // Named beast_…: a header private to the one source that needs it (check_private_headers).
    const bool private_header = path.starts_with("boost/beast") && file_name.starts_with("beast_");
    if (best->sources_only && !file_name.ends_with(".cpp") && !private_header)
        return shown + " belongs into a .cpp file: whoever includes this header would compile it too";
    const bool named = best->files.empty() || std::ranges::any_of(best->files, [&](auto begin) {
                           return file_name.contains(begin);
                       });
    if (!named) return shown + " is kept to few files, and this is not one of them";
    return std::nullopt;
}

std::optional<std::string> wrong_room(const Room& room, std::string_view path) {
    const std::size_t slash = path.find('/');
    const std::string shown = "\"" + std::string(path) + "\"";
    if (slash == std::string_view::npos) return shown + ": write the room as well, as in \"spool/chunk.hpp\"";
    const std::string_view other = path.substr(0, slash);
    if (other == room.name || std::ranges::find(room.rooms, other) != room.rooms.end()) return std::nullopt;
    // The one struct of all parts' settings includes them, and nothing else of the parts.
    if (room.name == "config" && path.ends_with("_settings.hpp")) return std::nullopt;
    return shown + ": the room '" + std::string(room.name) + "' may not include '" + std::string(other) + "'";
}

/// One #include, taken apart.
struct Include {
    std::string path;
    bool quoted = false;
    std::size_t line = 0;
};

std::vector<Include> includes_of(const SourceFile& file) {
    std::vector<Include> includes;
    std::size_t number = 0;
    for (const std::string& line : lines(code_only(file.text))) {
        ++number;
        const std::size_t hash = line.find_first_not_of(' ');
        if (hash == std::string::npos || !std::string_view(line).substr(hash).starts_with("#include"))
            continue;
        const std::size_t open = line.find_first_of("<\"");
        const std::size_t close = open == std::string::npos ? open : line.find_first_of(">\"", open + 1);
        if (close == std::string::npos) continue;
        includes.push_back({line.substr(open + 1, close - open - 1), line[open] == '"', number});
    }
    return includes;
}

std::string_view room_of(std::string_view path) {
    const std::size_t start = std::string_view("lib/").size();
    return path.substr(start, path.find('/', start) - start);
}

std::string place(const SourceFile& file, const Include& include) {
    return file.path + ":" + std::to_string(include.line);
}

}  // namespace

std::vector<Breach> check_includes(const SourceFile& file) {
    const std::string_view path = file.path;
    const std::string_view file_name = path.substr(path.rfind('/') + 1);
    const auto room = std::ranges::find(table(), room_of(path), &Room::name);
    if (room == table().end())
        return {{file.path, "the room '" + std::string(room_of(path)) + "' is not in the include table"}};
    std::vector<Breach> breaches;
    for (const Include& include : includes_of(file)) {
        const auto wrong =
            include.quoted ? wrong_room(*room, include.path) : wrong_library(*room, file_name, include.path);
        if (wrong) breaches.push_back({place(file, include), *wrong});
    }
    return breaches;
}

std::vector<Breach> check_private_headers(const std::vector<SourceFile>& files) {
    std::map<std::string, std::string> carriers;  // "record/reader.hpp" → "simdjson.h"
    for (const SourceFile& file : files)
        for (const Include& include : includes_of(file))
            if (file.path.ends_with(".hpp") && (include.path == "simdjson.h" || include.path == "sqlite3.h" ||
                                                include.path.starts_with("boost/beast")))
                carriers[file.path.substr(std::string_view("lib/").size())] = include.path;
    std::vector<Breach> breaches;
    for (const SourceFile& file : files)
        for (const Include& include : includes_of(file)) {
            const auto carrier = carriers.find(include.path);
            if (carrier == carriers.end() || include.path.starts_with(std::string(room_of(file.path)) + "/"))
                continue;
            breaches.push_back(
                {place(file, include),
                 "\"" + include.path + "\" is private to its room: it includes <" + carrier->second + ">"});
        }
    return breaches;
}

}  // namespace respand::rules
