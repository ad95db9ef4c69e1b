#include "pipeline/model_label.hpp"

#include <algorithm>

namespace respand::pipeline {
namespace {

constexpr std::string_view kCut = "...";

unsigned char byte_at(std::string_view text, std::size_t pos) {
    return static_cast<unsigned char>(text[pos]);
}
bool continues(std::string_view text, std::size_t pos) { return (byte_at(text, pos) & 0xc0U) == 0x80; }

/// U+0080 to U+009F, which terminals may act on as they do on U+0000 to U+001F.
bool is_wide_control(std::string_view text, std::size_t pos) {
    return byte_at(text, pos) == 0xc2 && pos + 1 < text.size() && byte_at(text, pos + 1) < 0xa0;
}

}  // namespace

std::string model_label(std::string_view model) {
    const bool cut = model.size() > kMaxModelLabel;
    std::size_t end = cut ? kMaxModelLabel - kCut.size() : model.size();
    while (cut && end > 0 && continues(model, end)) --end;
    std::string label;
    for (std::size_t pos = 0; pos < end; ++pos) {
        const bool wide = is_wide_control(model, pos);
        label += wide || byte_at(model, pos) < 0x20 || model[pos] == 0x7f ? '?' : model[pos];
        if (wide) ++pos;
    }
    if (cut) label += kCut;
    return label;
}

}  // namespace respand::pipeline
