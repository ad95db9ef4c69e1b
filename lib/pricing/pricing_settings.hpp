// Settings of pricing: [pricing].
#pragma once
#include <string>

#include "base/result.hpp"

namespace respand::pricing {

struct PricingSettings {
    std::string table = "/usr/share/respand/pricing.json";  ///< our own format, or LiteLLM's file as it is
    std::string overlays =
        "/etc/respand/pricing.d";  ///< directory of *.json, merged in name order; may be absent
    bool annotate = false;         ///< the log's metadata says where its cost came from
    Status validate() const;
};

}  // namespace respand::pricing
