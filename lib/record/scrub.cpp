// How it works. A string that holds JSON shows in the raw text as JSON whose quotes carry backslashes: `\"`
// one level down, `\\\"` two levels down. So members can be found and cut in the raw text, at every level,
// without decoding: a quote with a run of r backslashes before it delimits a string of level L when r mod
// 2^(L+1) == 2^L - 1 (the rest of the run is content: pairs of pairs … that stand for literal backslashes).
#include "record/scrub.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "record/secret_name.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace respand {
namespace {

/// Deepest encoding of JSON within strings that is looked into: at level 6 a quote carries 63 backslashes.
constexpr unsigned kMaxLevel = 6;
/// The longest secret name there is to find, with room for every letter spelled \uXXXX.
constexpr std::size_t kMaxRawName = 512;

/// Characters of an escape behind its backslash: "u0022".
constexpr std::size_t kEscapeLetters = 5;

/// The delimiter that an escape stands for, given what follows its backslash: \u0022 is a quote, \u003a a
/// colon, \u0020 a blank. 0: none of them.
char escaped_delimiter(std::string_view letters) {
    if (!letters.starts_with("u00") || letters.size() < kEscapeLetters) return 0;
    const std::string_view code = letters.substr(3, 2);
    if (code == "22") return '"';
    if (code == "20") return ' ';
    return code == "3a" || code == "3A" ? ':' : '\0';
}

/// How many backslashes the plain delimiter has in the place of an escape with `run` of them, so that the
/// text means the same: in an odd run the last one belongs to the escape; an even run is half as long one
/// level further in.
std::size_t plain_backslashes(std::size_t run, char delimiter) {
    std::size_t levels = 0;
    for (; run > 0 && run % 2 == 0; run /= 2) ++levels;
    std::size_t plain = delimiter == '"' ? run : run - 1;
    for (; levels > 0; --levels) plain = 2 * plain + (delimiter == '"' ? 1 : 0);
    return plain;
}

std::size_t backslashes_before(std::string_view text, std::size_t pos) {
    std::size_t start = pos;
    while (start > 0 && text[start - 1] == '\\') --start;
    return pos - start;
}

/// Level of the string that a quote with this many backslashes opens or closes; above kMaxLevel: none.
unsigned level_of(std::size_t backslashes) {
    // r mod 2^(L+1) == 2^L - 1: the number of trailing one bits of r is L.
    return static_cast<unsigned>(std::countr_one(backslashes));
}

/// Backslashes that belong to a delimiting quote of this level.
constexpr std::size_t quote_backslashes(unsigned level) { return (std::size_t{1} << level) - 1; }

/// White space as it looks at this level: blanks, and \n \r \t written with backslashes.
std::size_t skip_space(std::string_view text, std::size_t pos, unsigned level) {
    for (;;) {
        while (pos < text.size() &&
               (text[pos] == ' ' || text[pos] == '\n' || text[pos] == '\r' || text[pos] == '\t'))
            ++pos;
        if (level == 0 || pos >= text.size() || text[pos] != '\\') return pos;
        const std::size_t letter = text.find_first_not_of('\\', pos);
        if (letter == std::string_view::npos || letter - pos > quote_backslashes(level)) return pos;
        if (text[letter] != 'n' && text[letter] != 'r' && text[letter] != 't') return pos;
        pos = letter + 1;
    }
}

/// A quote at or after `pos`.
struct Quote {
    std::size_t at = std::string_view::npos;  ///< of the quote itself
    unsigned level = 0;
};
Quote next_quote(std::string_view text, std::size_t pos) {
    const std::size_t at = text.find('"', pos);
    if (at == std::string_view::npos) return {text.size(), 0};
    return {at, level_of(backslashes_before(text, at))};
}

/// One past the closing quote of the string whose first content byte is at `pos`. A string that was cut off
/// ends where the text around it does: before the first quote of a lower level.
std::size_t string_end(std::string_view text, std::size_t pos, unsigned level) {
    for (;;) {
        const Quote quote = next_quote(text, pos);
        if (quote.at >= text.size()) return text.size();
        if (quote.level == level) return quote.at + 1;
        if (quote.level < level)
            return quote.at - quote_backslashes(quote.level);  // cut off: the text around it ends here
        pos = quote.at + 1;
    }
}

/// True when a delimiting quote of `level` starts at `pos` (at its first backslash).
bool opens_string(std::string_view text, std::size_t pos, unsigned level) {
    const std::size_t quote = pos + quote_backslashes(level);
    return quote < text.size() && text[quote] == '"' && text.find_first_not_of('\\', pos) == quote;
}

std::size_t scalar_end(std::string_view text, std::size_t pos) {
    return std::min(text.find_first_of(",]} \n\r\t\\\"", pos), text.size());
}

/// One past the value at `pos`, never past the end of the string of a lower level around it.
std::size_t value_end(std::string_view text, std::size_t pos, unsigned level) {
    if (opens_string(text, pos, level)) return string_end(text, pos + quote_backslashes(level) + 1, level);
    if (pos >= text.size() || (text[pos] != '{' && text[pos] != '[')) return scalar_end(text, pos);
    std::size_t depth = 0;
    while (pos < text.size()) {
        const std::size_t at = text.find_first_of("{}[]\"", pos);
        if (at == std::string_view::npos) return text.size();
        if (text[at] == '"') {
            const unsigned found = level_of(backslashes_before(text, at));
            if (found < level) return at - quote_backslashes(found);
            pos = found == level ? string_end(text, at + 1, level) : at + 1;
            continue;
        }
        if (text[at] == '{' || text[at] == '[') {
            ++depth;
        } else if (--depth == 0) {
            return at + 1;
        }
        pos = at + 1;
    }
    return text.size();
}

/// A member found in the text.
struct Found {
    std::size_t key_begin = 0;  ///< at the first backslash of its opening quote, or at the quote
    std::size_t value = 0;
    unsigned level = 0;
    SecretName name;
};

/// The member whose key closes with the quote at `quote`, when that is what it is.
bool member_at(std::string_view text, std::size_t quote, Found& found) {
    const std::size_t run = backslashes_before(text, quote);
    const std::size_t name_end = quote - run;
    if (!may_be_secret_or_balancing(text.substr(0, name_end))) return false;
    found.level = level_of(run);
    if (found.level > kMaxLevel) return false;
    const std::size_t colon = skip_space(text, quote + 1, found.level);
    if (colon >= text.size() || text[colon] != ':') return false;
    // Back to the quote of the same level: one further in is part of the name, one further out is where the
    // string ends.
    std::size_t opening = name_end;
    do {
        opening = opening == 0 ? std::string_view::npos : text.rfind('"', opening - 1);
        if (opening == std::string_view::npos || name_end - opening > kMaxRawName) return false;
        if (level_of(backslashes_before(text, opening)) < found.level) return false;
    } while (level_of(backslashes_before(text, opening)) != found.level);
    found.name = normalised(text.substr(opening + 1, name_end - opening - 1));
    found.key_begin = opening - quote_backslashes(found.level);
    found.value = skip_space(text, colon + 1, found.level);
    return true;
}

/// Position of the next quote that may close a key: one followed by a colon or white space. text.size():
/// none.
std::size_t next_key_end(std::string_view text, std::size_t pos) {
#if defined(__SSE2__)
    // Reads up to 17 bytes past the text: inside the padding that every record has.
    const __m128i quote = _mm_set1_epi8('"'), colon = _mm_set1_epi8(':'), space = _mm_set1_epi8(' '),
                  backslash = _mm_set1_epi8('\\');
    for (; pos < text.size(); pos += 16) {
        const char* at = text.data() + pos;
        const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 1));
        const __m128i control_or_space = _mm_cmpeq_epi8(_mm_min_epu8(next, space), next);
        const __m128i follows = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(next, colon), control_or_space),
                                             _mm_cmpeq_epi8(next, backslash));
        const auto mask =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(here, quote), follows)));
        if (mask != 0) return std::min(pos + static_cast<std::size_t>(std::countr_zero(mask)), text.size());
    }
    return text.size();
#else
    return std::min(text.find('"', pos), text.size());
#endif
}

/// Where `text` ends without the white space of this level behind it, written out or with backslashes.
std::size_t end_without_space(std::string_view text, unsigned level) {
    std::size_t end = text.size();
    for (;;) {
        if (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r' ||
                        text[end - 1] == '\t')) {
            --end;
        } else if (level > 0 && end > 1 &&
                   (text[end - 1] == 'n' || text[end - 1] == 'r' || text[end - 1] == 't') &&
                   text[end - 2] == '\\') {
            --end;
            end -= backslashes_before(text, end);
        } else {
            break;
        }
    }
    return end;
}

/// Takes the comma that goes with a member that was cut; returns where copying goes on.
std::size_t cut(std::string& out, std::string_view text, std::size_t to, unsigned level) {
    const std::size_t next = skip_space(text, to, level);
    if (next < text.size() && text[next] == ',') return skip_space(text, next + 1, level);
    const std::size_t end = end_without_space(out, level);
    if (end > 0 && out[end - 1] == ',') out.resize(end - 1);
    return to;
}

/// In a string that is no clean JSON, what stood before and behind a cut could read as a new name when it
/// meets.
void keep_apart(std::string& out, std::string_view text, std::size_t next, unsigned level) {
    const std::size_t end = end_without_space(out, level), begin = skip_space(text, next, level);
    const bool clean = end == 0 || begin >= text.size() || std::string_view("{[,:").contains(out[end - 1]) ||
                       std::string_view("}],").contains(text[begin]);
    if (!clean) out.push_back('*');
}

/// Copies `text` to `out` without its secrets, in one pass.
void scrub(std::string_view text, std::string& out, std::size_t& removed) {
    std::size_t copied = 0, pos = 0;
    std::size_t balancing_until = 0;  // up to here the text is the value of a load-balancing member
    Found member;
    while ((pos = text.find('"', pos)) != std::string_view::npos) {
        const std::size_t quote = pos++;
        if (quote < copied || !member_at(text, quote, member)) continue;
        // In a text that is no clean JSON the quote that opens a name may have gone with the member before.
        member.key_begin = std::max(member.key_begin, copied);
        const std::string_view name = member.name.view();
        const bool balanced = member.key_begin < balancing_until;
        if (is_load_balancing(name) && !balanced)
            balancing_until = value_end(text, member.value, member.level);
        if (!is_secret(name) && !(balanced && name == "credentials")) continue;
        out.append(text.substr(copied, member.key_begin - copied));
        copied = cut(out, text, value_end(text, member.value, member.level), member.level);
        if (member.level > 0) keep_apart(out, text, copied, member.level);
        ++removed;
        pos = std::max(pos, copied);
    }
    out.append(text.substr(copied));
}

}  // namespace

bool has_escaped_quotes(std::string_view text) {
    for (std::size_t at = 0; (at = text.find('\\', at)) != std::string_view::npos; ++at)
        if (escaped_delimiter(text.substr(at + 1)) == '"') return true;
    return false;
}

std::string with_plain_quotes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t run = text.find('\\', at);
        out.append(text.substr(at, run - at));
        if (run == std::string_view::npos) break;
        const std::size_t letter = std::min(text.find_first_not_of('\\', run), text.size());
        const char delimiter = escaped_delimiter(text.substr(letter));
        if (delimiter == 0) {
            out.append(letter - run, '\\');
            at = letter;
        } else {
            out.append(plain_backslashes(letter - run, delimiter), '\\');
            out.push_back(delimiter);
            at = letter + kEscapeLetters;
        }
    }
    return out;
}

bool has_secrets(std::string_view text) {
    Found member;
    for (std::size_t pos = 0; (pos = next_key_end(text, pos)) < text.size(); ++pos) {
        if (!member_at(text, pos, member)) continue;
        if (is_secret(member.name.view()) || is_load_balancing(member.name.view())) return true;
    }
    return false;
}

std::string without_secrets(std::string_view text, std::size_t& removed) {
    std::string out;
    out.reserve(text.size());
    scrub(text, out, removed);
    return out;
}

std::string without_secret_strings(std::string_view text, std::size_t& removed) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t pos = 0; pos < text.size();) {
        const std::size_t open = std::min(text.find('"', pos), text.size());
        const std::size_t begin = std::min(open + 1, text.size());
        out.append(text.substr(pos, begin - pos));
        const std::size_t close = string_end(text, begin, 0);
        const std::string_view content = text.substr(begin, close - begin);
        if (has_secrets(content)) {
            out.append(kRemovedString).push_back('"');
            ++removed;
        } else {
            out.append(content);
        }
        pos = close;
    }
    return out;
}

}  // namespace respand
