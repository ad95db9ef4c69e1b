#include "upload/text.hpp"

namespace respand::upload {
namespace {

/// Length of the well-formed UTF-8 sequence at the front of `text`, 0 when there is none (Unicode table 3-7).
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return 0;
    }
    const unsigned second = byte(1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

/// ASCII controls and blank, DEL, the C1 controls, and the two line separators of Unicode.
bool is_blank(std::string_view character) {
    const auto lead = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return lead <= ' ' || lead == 0x7F;
    if (character.size() == 2) return lead == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
    return character == "\u2028" || character == "\u2029";
}

}  // namespace

std::string one_line(std::string_view text, std::size_t max_bytes) {
    constexpr std::string_view kEllipsis = "…";
    std::string out;
    bool blank = false;
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        const std::string_view character = length == 0 ? "?" : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
        if (is_blank(character)) {
            blank = !out.empty();
            continue;
        }
        if (out.size() + (blank ? 1 : 0) + character.size() > max_bytes) return out.append(kEllipsis);
        if (blank) out.push_back(' ');
        blank = false;
        out.append(character);
    }
    return out;
}

}  // namespace respand::upload
