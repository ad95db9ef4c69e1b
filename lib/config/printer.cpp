// The registry, printed: the effective configuration, and the reference for the README.
#include "config/config.hpp"
#include "config/directories.hpp"
#include "config/lanes.hpp"
#include "config/registry.hpp"
#include "config/value.hpp"

namespace respand::config {
namespace {

/// In a Markdown table a bar would end the cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
}

/// A line for each key of the section.
std::string print_keys(std::string_view section, Config& config) {
    std::string text;
    for (const Key& key : keys())
        if (key.section == section)
            text += std::string(key.name) + " = " + to_toml(key, key.slot(config)) + '\n';
    return text;
}

std::string print_lanes(const Config& config) {
    std::string text;
    for (const LaneConfig& lane : config.lanes) {
        Config scratch = scratch_of(lane);
        text += "\n[[lane]]\n" + print_keys("lane", scratch) + print_keys("upload", scratch);
    }
    return text;
}

}  // namespace

std::string print_config(const Config& config) {
    Config copy = config;  // slots point into something that can be changed
    std::string text =
        "# Effective configuration of respand. The API key is not in it, only where it is read from.\n";
    for (const Section& section : sections()) {
        if (section.repeated) {
            text += print_lanes(config);
            continue;
        }
        text += '\n';
        if (!section.present(copy)) {
            text += "# [" + std::string(section.name) + "] is off\n";
            continue;
        }
        text += "[" + std::string(section.name) + "]\n" + print_keys(section.name, copy);
    }
    return text;
}

std::string config_reference() {
    Config defaults = full_defaults(Environment{});
    defaults.lanes.emplace_back();
    std::string text;
    for (const Section& section : sections()) {
        const std::string name = "[" + std::string(section.name) + "]";
        text += (text.empty() ? "" : "\n") + std::string("### `") +
                (section.repeated ? "[" + name + "]" : name) + "`\n\n" + std::string(section.doc) +
                "\n\n| key | default | values | meaning |\n|---|---|---|---|\n";
        for (const Key& key : keys()) {
            if (key.section != section.name) continue;
            text += "| `" + std::string(key.name) + "` | `" + cell(to_toml(key, key.slot(defaults))) +
                    "` | " + cell(describe_range(key)) + " | " + cell(key.doc) + " |\n";
        }
    }
    return text;
}

}  // namespace respand::config
