#include "record/secret_name.hpp"

#include <algorithm>
#include <cstdint>

#include "record/scrub.hpp"

namespace respand {
namespace {

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Four hex digits as a character; -1 when they are none, or stand for no ASCII character.
int ascii_of_escape(std::string_view hex) {
    int code = 0;
    for (const char c : hex.substr(0, 4)) {
        const int digit = hex_value(c);
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return hex.size() >= 4 && code < 0x80 ? code : -1;
}

constexpr std::array<std::string_view, 13> kSecretNames{
    "customercredentials", "credentialoverride",  "awsaccesskeyid",    "awssecretaccesskey",
    "awssessiontoken",     "vertexaicredentials", "vertexcredentials", "privatekey",
    "authorization",       "proxyauthorization",  "xdatarespanparams", "xdatakeywordsaiparams",
    "posthogintegration",
};

}  // namespace

SecretName normalised(std::string_view raw) {
    SecretName name;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '\\') {
            while (i < raw.size() && raw[i] == '\\') ++i;
            if (i == raw.size()) break;
            c = raw[i];
            if (c == 'u' && raw.size() - i > 4) {
                const int decoded = ascii_of_escape(raw.substr(i + 1));
                if (decoded >= 0) {
                    c = static_cast<char>(decoded);
                    i += 4;
                }
            }
        }
        if (c == '_' || c == '-' || c == ' ') continue;
        if (name.size == SecretName::kMaxSize) return {};
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        name.text[name.size++] = c;
    }
    return name;
}

bool is_secret(std::string_view name) {
    if (name.ends_with("apikey")) return true;
    return std::find(kSecretNames.begin(), kSecretNames.end(), name) != kSecretNames.end();
}

bool is_load_balancing(std::string_view name) {
    return name == "loadbalancegroup" || name == "loadbalancemodels";
}

/// Most names can be told from secret ones by their last three letters ('_', '-' and blanks do not count).
/// `name` ends with the name's end; what stands before does not matter. True also when one of these letters
/// may be the end of an escape (\u00XX holds a digit), and when there are too few letters to tell.
bool may_be_secret_or_balancing(std::string_view name) {
    constexpr std::size_t kLookBack = 12;
    std::uint32_t last = 0;
    int letters = 0;
    const std::size_t stop = name.size() > kLookBack ? name.size() - kLookBack : 0;
    for (std::size_t i = name.size(); i > stop && letters < 4; --i) {
        const char c = name[i - 1];
        if (c >= '0' && c <= '9') return true;
        if (c == '_' || c == '-' || c == ' ') continue;
        if (letters < 3)
            last |= static_cast<std::uint32_t>(static_cast<unsigned char>(c | 0x20)) << (8 * letters);
        ++letters;
    }
    if (letters < 4) return letters > 0;
    constexpr auto ending = [](const char* at) {
        auto byte = [](char c) { return static_cast<std::uint32_t>(static_cast<unsigned char>(c)); };
        return byte(at[0]) << 16 | byte(at[1]) << 8 | byte(at[2]);
    };
    switch (last) {
        case ending("key"):
        case ending("als"):  // credentials
        case ending("ams"):  // params
        case ending("els"):  // models
        case ending("ide"):  // override
        case ending("ion"):  // authorization, integration
        case ending("ken"):  // token
        case ending("oup"):  // group
        case ending("yid"):
            return true;  // access_key_id
        default:
            return false;
    }
}

bool is_secret_name(std::string_view name) { return is_secret(normalised(name).view()); }

}  // namespace respand
