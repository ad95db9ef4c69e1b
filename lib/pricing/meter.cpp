#include "pricing/meter.hpp"

#include "pricing/meter_table.hpp"

namespace respand::pricing {

const MeterInfo& info(Meter meter) { return meter_table::kTable[static_cast<std::size_t>(meter)]; }

std::span<const MeterInfo, kMeters> all_meters() { return meter_table::kTable; }

Meter meter_of(SearchContext context) {
    switch (context) {
        case SearchContext::low:
            return Meter::search_low;
        case SearchContext::medium:
            return Meter::search_medium;
        case SearchContext::high:
            return Meter::search_high;
        case SearchContext::not_stated:
            break;
    }
    return Meter::search;
}

}  // namespace respand::pricing
