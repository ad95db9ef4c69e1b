#include "config/suggest.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "config/registry.hpp"

namespace respand::config {
namespace {

/// A third of the letters may be wrong; in a short word, one.
bool is_near(std::string_view word, std::size_t distance) {
    return distance <= std::max<std::size_t>(1, word.size() / 3);
}

/// "linger" in "commit_linger": the word is a whole part of the candidate.
bool is_part(std::string_view word, std::string_view candidate) {
    const std::string parts = "_" + std::string(candidate) + "_";
    return word.size() >= 3 && parts.find("_" + std::string(word) + "_") != std::string::npos;
}

class Nearest {
  public:
    explicit Nearest(std::string_view word) : word_(word.substr(0, kMaxWord)) {}
    void offer(std::string_view candidate, const std::string& shown) {
        const std::size_t distance = is_part(word_, candidate) ? 1 : edit_distance(word_, candidate);
        if (!is_near(word_, distance) || distance >= best_) return;
        best_ = distance;
        shown_ = shown;
    }
    const std::string& result() const { return shown_; }

  private:
    /// Letters. Longer words are near to nothing; comparing them is only work.
    static constexpr std::size_t kMaxWord = 64;
    std::string_view word_;
    std::size_t best_ = std::numeric_limits<std::size_t>::max();
    std::string shown_;
};

std::string did_you_mean(const std::string& name) { return "; did you mean '" + name + "'?"; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Optimal string alignment: three rows of the usual table, the oldest for swaps.
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(above);
        above.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

std::string suggest_key(std::string_view section, std::string_view name) {
    Nearest same_section(name);
    for (const Key& key : keys())
        if (key.section == section) same_section.offer(key.name, key.full_name());
    if (!same_section.result().empty()) return did_you_mean(same_section.result());
    for (const Key& key : keys())
        if (key.name == name) return did_you_mean(key.full_name());
    std::string all;
    for (const Key& key : keys())
        if (key.section == section) all += (all.empty() ? "" : ", ") + std::string(key.name);
    return "; [" + std::string(section) + "] has " + all;
}

std::string suggest_section(std::string_view name) {
    for (const Key& key : keys())
        if (key.name == name) return did_you_mean(key.full_name());
    Nearest nearest(name);
    for (const Section& section : sections()) {
        nearest.offer(section.name, std::string(section.name));
        // "unix_datagram" for "ingest.unix_datagram"
        const std::size_t dot = section.name.rfind('.');
        if (dot != std::string_view::npos)
            nearest.offer(section.name.substr(dot + 1), std::string(section.name));
    }
    if (!nearest.result().empty()) return did_you_mean(nearest.result());
    std::string all;
    for (const Section& section : sections()) all += (all.empty() ? "" : ", ") + std::string(section.name);
    return "; the sections are " + all;
}

}  // namespace respand::config
