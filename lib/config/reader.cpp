// TOML → Config. The only file that knows the TOML library.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/directories.hpp"
#include "config/faults.hpp"
#include "config/lanes.hpp"
#include "config/registry.hpp"
#include "config/suggest.hpp"
#include "config/value.hpp"

namespace respand::config {
namespace {

constexpr std::string_view kKeyInFile =
    " holds the API key itself, and a key does not belong into this file. Write { credential = "
    "\"respan-api-key\" } (systemd's LoadCredential=), { file = \"/path/to/key\" } (readable by its owner "
    "only) or "
    "{ env = \"RESPAN_API_KEY\" }, and replace the key if others could read it here";

Position position_of(const toml::source_region& source) {
    return {std::max<std::uint32_t>(source.begin.line, 1), std::max<std::uint32_t>(source.begin.column, 1)};
}

RawList raw_list(const toml::array& array) {
    RawList list;
    for (const toml::node& node : array) {
        if (const auto* text = node.as_string())
            list.texts.push_back(text->get());
        else if (const auto* number = node.as_integer())
            list.numbers.push_back(number->get());
        else
            list.mixed = true;
    }
    list.mixed = list.mixed || (!list.texts.empty() && !list.numbers.empty());
    return list;
}

RawValue raw_value(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (node.is_table()) return Unfit{"a table"};
    if (const auto* array = node.as_array()) return raw_list(*array);
    if (node.is_floating_point()) return Unfit{"a decimal number"};
    return Unfit{"a date or time"};
}

/// A name from the file, made fit for one line of a message.
std::string shown(std::string_view name) {
    constexpr std::size_t kMaxShown = 80;
    std::string text(name.substr(0, kMaxShown));
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }, '?');
    return "'" + text + (name.size() > kMaxShown ? "…'" : "'");
}

/// Does `text` name `word`, as a word of its own?
bool names(std::string_view text, std::string_view word) {
    const auto part_of_word = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !part_of_word(text[at - 1])) && (end == text.size() || !part_of_word(text[end])))
            return true;
    }
    return false;
}

class Reader {
  public:
    Reader(const std::string& file_name, Config& config) : faults_(file_name), config_(config) {}

    /// `config` holds every section's defaults before, what the file says afterwards.
    Status read(const toml::table& root) {
        read_group(root, "");
        for (const Section& section : sections())
            if (!sections_.contains(section.name)) section.remove(config_);
        for (const Section& section : sections()) validate(section);
        if (lanes_ != nullptr) read_lanes(*lanes_);
        if (faults_.empty()) check_together();
        if (!faults_.empty()) return std::unexpected(faults_.error());
        return {};
    }

  private:
    /// A table that holds sections: the root, or [ingest].
    void read_group(const toml::table& table, const std::string& prefix) {
        for (const auto& [key, node] : table) {
            const std::string name = prefix + std::string(key.str());
            const Position where = position_of(key.source());
            const Section* section = find_section(name);
            const bool group = std::ranges::any_of(
                sections(), [&](const Section& s) { return s.name.starts_with(name + "."); });
            if (section != nullptr && section->repeated) {
                lanes_ = &node;  // read last: what a lane does not say is as in [upload]
                lanes_at_ = where;
            } else if ((section != nullptr || group) && !node.is_table()) {
                faults_.add(where, shown(name) + " is a section; write [" + name +
                                       "] on a line of its own and its keys below" +
                                       (node.is_array_of_tables() ? ", once and with single brackets" : ""));
                if (section != nullptr) faulty_.insert(section->name);
            } else if (section != nullptr) {
                read_section(*section, *node.as_table());
            } else if (group) {
                read_group(*node.as_table(), name + ".");
            } else {
                faults_.add(where, (node.is_table() ? "unknown section " : "unknown key ") + shown(name) +
                                       suggest_section(node.is_table() ? name : key.str()));
            }
        }
    }

    void read_section(const Section& section, const toml::table& table) {
        sections_.emplace(section.name, position_of(table.source()));
        for (const auto& [name, node] : table) {
            const Key* key = find_key(section.name, name.str());
            if (key == nullptr) {
                fault(section, position_of(name.source()),
                      "unknown key " + shown(std::string(section.name) + "." + std::string(name.str())) +
                          suggest_key(section.name, name.str()));
                continue;
            }
            const Position where = position_of(node.source());
            keys_.emplace(key, where);
            if (const auto wrong = assign_node(*key, node, config_))
                fault(section, where, shown(key->full_name()) + " " + *wrong);
        }
    }

    static std::optional<std::string> assign_node(const Key& key, const toml::node& node, Config& to) {
        const Slot slot = key.slot(to);
        if (key.kind == Kind::key_source) return assign_source(node, *std::get<KeySource*>(slot));
        if (key.kind == Kind::optional_key_source)
            return assign_source(node, *std::get<std::optional<KeySource>*>(slot));
        return assign(key, raw_value(node), slot);
    }

    void read_lanes(const toml::node& node) {
        const toml::array* tables = node.as_array();
        if (tables == nullptr || (!tables->empty() && !node.is_array_of_tables()))
            return faults_.add(
                lanes_at_,
                "'lane' is a list of sections; write [[lane]], with double brackets, on a line "
                "of its own and its keys below, once for each lane");
        if (tables->size() > pipeline::kMaxLanes)
            return faults_.add(position_of((*tables)[pipeline::kMaxLanes].source()),
                               "there are " + std::to_string(tables->size()) + " lanes; at most " +
                                   std::to_string(pipeline::kMaxLanes) + " can be told apart");
        bool sound = !faulty_.contains("upload");
        for (const toml::node& table : *tables) sound = read_lane(*table.as_table()) && sound;
        for (std::size_t i = 0; sound && i < config_.lanes.size(); ++i)
            if (const std::string wrong = fault_among_lanes(config_, i); !wrong.empty())
                fault_of_lane(*(*tables)[i].as_table(), wrong);
    }

    /// False when something is wrong with it.
    bool read_lane(const toml::table& table) {
        const std::size_t before = faults_.size();
        Config scratch = scratch_of({{}, config_.upload, config_.credentials});
        for (const auto& [name, node] : table) {
            const Key* key = find_key("lane", name.str());
            if (key == nullptr) key = find_key("upload", name.str());
            if (key == nullptr) {
                faults_.add(position_of(name.source()), "unknown key " +
                                                            shown("lane." + std::string(name.str())) +
                                                            suggest_key("lane", name.str()));
            } else if (const auto wrong = assign_node(*key, node, scratch)) {
                faults_.add(position_of(node.source()),
                            shown("lane." + std::string(name.str())) + " " + *wrong);
            }
        }
        if (faults_.size() == before && !faulty_.contains("upload")) {
            if (const Status valid = find_section("lane")->validate(scratch); !valid)
                fault_of_lane(table, valid.error().message);
            else if (scratch.upload.base_url != config_.upload.base_url && !table.contains("api_key"))
                fault_of_lane(table,
                              "base_url is not that of [upload], and the key of [upload] is not sent there "
                              "unasked; name the lane's own api_key (or the same one)");
        }
        config_.lanes.push_back(from_scratch(std::move(scratch)));
        return faults_.size() == before;
    }

    /// Placed at the first key that it names.
    void fault_of_lane(const toml::table& table, const std::string& what) {
        Position where = position_of(table.source());
        std::size_t named_at = std::string::npos;
        for (const auto& [name, node] : table) {
            const std::size_t at = what.find(name.str());
            if (at >= named_at || !names(what, name.str())) continue;
            named_at = at;
            where = position_of(node.source());
        }
        const auto name = table["name"].value<std::string>();
        faults_.add(where, "[[lane]]" + (name ? " " + shown(*name) : std::string()) + ": " + what);
    }

    /// Like assign(), for the table that says where the API key is. Repeats no value: it may be the key.
    static std::optional<std::string> assign_source(const toml::node& node, KeySource& to) {
        constexpr std::string_view kForms = "{ credential = NAME }, { file = PATH } or { env = NAME }";
        if (node.is_string()) return std::string(kKeyInFile).substr(1);
        const toml::table* table = node.as_table();
        if (table == nullptr) return "must be " + std::string(kForms);
        std::optional<KeySource> source;
        for (const auto& [name, value] : *table) {
            const auto text = value.value<std::string>();
            if (source) return "must name one source only: " + std::string(kForms);
            if (name == "credential" && text)
                source = CredentialSource{*text};
            else if (name == "file" && text)
                source = FileSource{*text};
            else if (name == "env" && text)
                source = VariableSource{*text};
            else
                return "must be " + std::string(kForms) + ", the name or path in quotes";
        }
        if (!source) return "must name a source: " + std::string(kForms);
        if (auto valid = config::validate(*source); !valid) return "is wrong: " + valid.error().message;
        to = std::move(*source);
        return std::nullopt;
    }

    /// The same, where "" stands for none.
    static std::optional<std::string> assign_source(const toml::node& node, std::optional<KeySource>& to) {
        if (node.value<std::string>() == "") {
            to.reset();
            return std::nullopt;
        }
        if (node.is_string())
            return "holds the secret itself, and a secret does not belong into this file. Write "
                   "{ credential = NAME } (systemd's LoadCredential=), { file = PATH } (readable by its "
                   "owner "
                   "only) or { env = NAME }";
        return assign_source(node, to.emplace());
    }

    /// The part's own word. A section with a fault already is left out: the same fault would be told twice.
    void validate(const Section& section) {
        if (faulty_.contains(section.name) || !section.present(config_)) return;
        const Status valid = section.validate(config_);
        if (valid) return;
        Position where;
        if (const auto found = sections_.find(section.name); found != sections_.end()) where = found->second;
        for (const auto& [key, position] : keys_)
            if (key->section == section.name && names(valid.error().message, key->name)) where = position;
        const bool named = valid.error().message.starts_with(std::string(section.name) + ".");
        fault(section, where, (named ? "" : "[" + std::string(section.name) + "] ") + valid.error().message);
    }

    /// What no section can know alone.
    void check_together() {
        std::map<std::string, std::string> users;
        for (const Key& key : keys()) {
            const bool file =
                key.kind == Kind::socket || key.full_name() == "spool.path" || key.full_name() == "log.file";
            if (!file || !find_section(key.section)->present(config_)) continue;
            const std::string path = *std::get<std::string*>(key.slot(config_));
            if (path.empty()) continue;
            const auto [user, first] = users.emplace(path, key.full_name());
            if (first) continue;
            const auto found = keys_.find(&key);
            faults_.add(found == keys_.end() ? Position{} : found->second,
                        shown(key.full_name()) + " is the same file as '" + user->second +
                            "'; give each a path of its own");
        }
        if (const Status valid = config_.ingest.validate(); !valid) faults_.add({}, valid.error().message);
    }

    void fault(const Section& section, Position where, std::string what) {
        faulty_.insert(section.name);
        faults_.add(where, std::move(what));
    }

    Faults faults_;
    Config& config_;
    std::map<std::string_view, Position> sections_;  ///< those in the file
    std::map<const Key*, Position> keys_;            ///< those in the file, with the place of their value
    const toml::node* lanes_ = nullptr;              ///< [[lane]] in the file
    Position lanes_at_;
    std::set<std::string_view> faulty_;  ///< sections with a fault of their own
};

std::string_view line_of(std::string_view text, std::uint32_t number) {
    for (; number > 1; --number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

/// Not TOML. The parser's words may quote what stands there, so where a key may stand they are not repeated.
Error syntax_error(std::string_view text, const std::string& file_name, const toml::parse_error& error) {
    const Position where = position_of(error.source());
    Faults faults(file_name);
    const std::string_view line = line_of(text, where.line);
    const auto holds = [line](std::string_view word) { return line.find(word) != std::string_view::npos; };
    if (holds("proxy") || holds("password"))
        faults.add(
            where,
            "this line is not valid TOML; a proxy is written proxy = \"http://user@host:3128\" and its "
            "password's source proxy_password = { file = \"/path/to/password\" }");
    else if (holds("key"))
        faults.add(where,
                   "this line is not valid TOML; the API key's source is written api_key = { credential = "
                   "\"respan-api-key\" }, { file = \"/path/to/key\" } or { env = \"RESPAN_API_KEY\" }");
    else
        faults.add(where, "not valid TOML: " + std::string(error.description()));
    return faults.error();
}

Error unreadable(const std::string& path, int error) {
    const ErrorKind kind = error == EACCES || error == EPERM ? ErrorKind::no_permission : ErrorKind::no_input;
    return {kind, "configuration " + path + " can't be read: " + std::strerror(error)};
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& file_name,
                            const Environment& environment) {
    const toml::parse_result parsed = toml::parse(text, file_name);
    if (!parsed) return std::unexpected(syntax_error(text, file_name, parsed.error()));
    Config config = full_defaults(environment);
    if (auto read = Reader(file_name, config).read(parsed.table()); !read)
        return std::unexpected(std::move(read).error());
    return config;
}

Result<Config> load_config(const std::string& path, const Environment& environment) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(unreadable(path, errno));
    std::string text(kMaxConfigBytes + 1, '\0');
    errno = 0;
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || errno == EISDIR) return std::unexpected(unreadable(path, errno == 0 ? EIO : errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxConfigBytes)
        return fail(ErrorKind::config, "configuration " + path + " is larger than " +
                                           format(ByteCount{kMaxConfigBytes}) + "; is it the right file?");
    return parse_config(text, path, environment);
}

}  // namespace respand::config
