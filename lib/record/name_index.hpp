// Which of a fixed set of names a key is: one hash and one comparison, built at compile time. Private to the
// record room.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace respand {

/// One name and what it stands for.
template <class Meaning>
struct Named {
    std::string_view name;
    Meaning meaning;
};

/// An index over a table of at most 127 names. The table must outlive it.
template <class Meaning>
class NameIndex {
  public:
    static constexpr std::size_t kMaxNames = 127;
    static constexpr std::size_t kNone = 0xff;

    consteval explicit NameIndex(std::span<const Named<Meaning>> table) : table_(table) {
        if (table.size() > kMaxNames) throw "too many names";
        slots_.fill(kNone);
        for (std::size_t i = 0; i < table.size(); ++i) {
            if (find(table[i].name) != kNone) throw "a name stands twice";
            std::size_t at = hash(table[i].name);
            while (slots_.at(at) != kNone) at = (at + 1) % kSlots;
            slots_.at(at) = static_cast<std::uint8_t>(i);
        }
    }

    /// Position of the name in the table, else kNone.
    constexpr std::size_t find(std::string_view name) const {
        for (std::size_t at = hash(name); slots_[at] != kNone; at = (at + 1) % kSlots)
            if (table_[slots_[at]].name == name) return slots_[at];
        return kNone;
    }
    constexpr const Meaning& meaning(std::size_t position) const { return table_[position].meaning; }

  private:
    static constexpr std::size_t kSlots = 256;

    /// Length, first, middle and last letters tell most names apart.
    static constexpr std::size_t hash(std::string_view name) {
        if (name.empty()) return 0;
        const auto letter = [&](std::size_t i) {
            return static_cast<std::size_t>(static_cast<unsigned char>(name[i]));
        };
        return (name.size() * 37 + letter(0) * 5 + letter(name.size() / 2) * 17 +
                letter(name.size() - 1) * 3 + letter(name.size() / 3)) %
               kSlots;
    }

    std::span<const Named<Meaning>> table_;
    std::array<std::uint8_t, kSlots> slots_{};
};

}  // namespace respand
