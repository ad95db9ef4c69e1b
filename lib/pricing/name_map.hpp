// A hash map from names to what they stand for: filled once, then read for every record.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace respand::pricing {

/// Open addressing over one array, the names in one text behind it: a look-up touches two places in memory,
/// where a map of nodes touches five, and letting go of it frees two blocks. Names are told apart by case.
class NameMap {
  public:
    struct Target {
        std::uint32_t entry = 0;  ///< index into the table's entries
        bool alias = false;
    };

    /// Overwrites what the name stood for. `name` is not empty.
    void put(std::string_view name, Target target);
    /// nullptr: nothing. Good until the next put().
    const Target* find(std::string_view name) const;
    /// `visit(name, target)` for each, in no order.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const Slot& slot : slots_)
            if (slot.size != 0) visit(std::string_view(text_).substr(slot.begin, slot.size), slot.target);
    }

  private:
    struct Slot {
        std::size_t hash = 0;
        std::uint32_t begin = 0;  ///< of the name in text_
        std::uint32_t size = 0;   ///< of the name; 0: the slot is free
        Target target{};
    };

    /// The slot of the name, or the free one where it would stand.
    std::size_t slot_of(std::string_view name, std::size_t hash) const;
    void grow();

    std::vector<Slot> slots_;  ///< a power of two, at most half of them taken
    std::size_t taken_ = 0;
    std::string text_;
};

}  // namespace respand::pricing
