#include "upload/network_settings.hpp"

#include <algorithm>
#include <sstream>

#include "base/units.hpp"
#include "upload/proxy.hpp"

namespace respand::upload {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::chrono::microseconds kLeastAge = seconds(1);
constexpr std::chrono::microseconds kGreatestAge = hours(24);
/// 32 bytes in base64: 43 digits and one '='.
constexpr std::size_t kPinCharacters = 44;

bool is_base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool is_pin(const std::string& word) {
    return word.size() == kPinCharacters && word.ends_with('=') &&
           std::all_of(word.begin(), word.end() - 1, is_base64_digit);
}

}  // namespace

std::vector<std::string> NetworkSettings::pins() const {
    std::istringstream words(pin_sha256);
    std::vector<std::string> pins;
    for (std::string word; words >> word;) pins.push_back(std::move(word));
    return pins;
}

Status NetworkSettings::validate() const {
    for (const std::string& pin : pins()) {
        if (!is_pin(pin))
            return fail(ErrorKind::config,
                        "pin_sha256: \"" + pin +
                            "\" is not the base64 form of a SHA-256 (44 characters, the last is '='); the "
                            "README tells how to compute it");
    }
    if (min_tls != "1.2" && min_tls != "1.3")
        return fail(ErrorKind::config, "min_tls must be \"1.2\" or \"1.3\"");
    if (connection_max_age < kLeastAge || connection_max_age > kGreatestAge)
        return fail(ErrorKind::config, "connection_max_age must be from " + format(kLeastAge) + " to " +
                                           format(kGreatestAge) + ", not " + format(connection_max_age));
    const auto named = parse_proxy_setting(proxy);
    return named ? Status{} : std::unexpected(named.error());
}

}  // namespace respand::upload
