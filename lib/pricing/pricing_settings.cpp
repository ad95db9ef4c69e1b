#include "pricing/pricing_settings.hpp"

namespace respand::pricing {

Status PricingSettings::validate() const {
    if (table.empty()) {
        return fail(ErrorKind::config,
                    "pricing.table is empty: name the price file, for one /usr/share/respand/pricing.json");
    }
    return {};
}

}  // namespace respand::pricing
