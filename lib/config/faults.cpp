#include "config/faults.hpp"

#include <algorithm>
#include <tuple>

namespace respand::config {

Error Faults::error() const {
    std::vector<Fault> sorted = faults_;
    std::ranges::sort(sorted, [](const Fault& a, const Fault& b) {
        return std::tie(a.where, a.what) < std::tie(b.where, b.what);
    });
    std::string text;
    for (std::size_t i = 0; i < std::min(sorted.size(), kMaxShown); ++i) {
        const auto& [where, what] = sorted[i];
        text += (i == 0 ? "" : "\n") + file_name_ + ":" + std::to_string(where.line) + ":" +
                std::to_string(where.column) + ": " + what;
    }
    if (sorted.size() > kMaxShown)
        text += "\n" + file_name_ + ": and " + std::to_string(sorted.size() - kMaxShown) + " more faults";
    return {ErrorKind::config, text};
}

}  // namespace respand::config
