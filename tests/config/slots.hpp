// Looks at a Config through the registry: comparing, and filling with arbitrary values.
#pragma once
#include <string>

#include "config/lanes.hpp"
#include "config/registry.hpp"
#include "config/value.hpp"

namespace respand::config {

/// Every present section and every key's value, whatever print_config makes of them.
inline std::string fingerprint(Config config) {
    std::string text;
    for (const Section& section : sections()) {
        text += std::string(section.name) + (section.present(config) ? " on\n" : " off\n");
        if (!section.present(config)) continue;
        for (const Key& key : keys())
            if (key.section == section.name)
                text += key.full_name() + "=" + to_toml(key, key.slot(config)) + "\n";
    }
    for (const LaneConfig& lane : config.lanes) {
        Config scratch = scratch_of(lane);
        for (const Key& key : keys())
            if (key.section == "lane" || key.section == "upload")
                text += "lane " + key.full_name() + "=" + to_toml(key, key.slot(scratch)) + "\n";
    }
    return text;
}

}  // namespace respand::config
