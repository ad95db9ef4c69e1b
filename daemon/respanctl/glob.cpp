#include "respanctl/glob.hpp"

#include <algorithm>

namespace respand::ctl {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool same(char a, char b) { return lower(a) == lower(b); }

/// Linear in pattern × name: the last star takes one byte more when what follows it does not fit.
bool glob(std::string_view pattern, std::string_view name) {
    std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || same(pattern[p], name[n]))) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.find_first_of("*?") != std::string_view::npos) return glob(pattern, name);
    return std::ranges::search(name, pattern, same).begin() != name.end() || pattern.empty();
}

}  // namespace respand::ctl
