// The registry, printed: the effective configuration, and the reference for the README.
#include "config/config.hpp"
#include "config/directories.hpp"
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

}  // namespace

std::string print_config(const Config& config) {
    Config copy = config;  // slots point into something that can be changed
    std::string text =
        "# Effective configuration of respand. The API key is not in it, only where it is read from.\n";
    for (const Section& section : sections()) {
        text += '\n';
        if (!section.present(copy)) {
            text += "# [" + std::string(section.name) + "] is off\n";
            continue;
        }
        text += "[" + std::string(section.name) + "]\n";
        for (const Key& key : keys())
            if (key.section == section.name)
                text += std::string(key.name) + " = " + to_toml(key, key.slot(copy)) + '\n';
    }
    return text;
}

std::string config_reference() {
    Config defaults = full_defaults(Environment{});
    std::string text;
    for (const Section& section : sections()) {
        text += (text.empty() ? "" : "\n") + std::string("### `[") + std::string(section.name) + "]`\n\n" +
                std::string(section.doc) + "\n\n| key | default | values | meaning |\n|---|---|---|---|\n";
        for (const Key& key : keys()) {
            if (key.section != section.name) continue;
            text += "| `" + std::string(key.name) + "` | `" + cell(to_toml(key, key.slot(defaults))) +
                    "` | " + cell(describe_range(key)) + " | " + cell(key.doc) + " |\n";
        }
    }
    return text;
}

}  // namespace respand::config
