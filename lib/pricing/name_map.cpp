#include "pricing/name_map.hpp"

#include <functional>
#include <utility>

namespace respand::pricing {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::size_t hash_of(std::string_view name) { return std::hash<std::string_view>{}(name); }

}  // namespace

void NameMap::put(std::string_view name, Target target) {
    if (2 * (taken_ + 1) > slots_.size()) grow();
    const std::size_t hash = hash_of(name);
    Slot& slot = slots_[slot_of(name, hash)];
    if (slot.size == 0) {
        ++taken_;
        slot = {hash, static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()), {}};
        text_ += name;
    }
    slot.target = target;
}

const NameMap::Target* NameMap::find(std::string_view name) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[slot_of(name, hash_of(name))];
    return slot.size == 0 ? nullptr : &slot.target;
}

std::size_t NameMap::slot_of(std::string_view name, std::size_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {  // ends: half of the slots are free
        const Slot& slot = slots_[at];
        if (slot.size == 0) return at;
        if (slot.hash == hash && std::string_view(text_).substr(slot.begin, slot.size) == name) return at;
    }
}

void NameMap::grow() {
    const std::vector<Slot> old =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirstSlots : 2 * slots_.size()));
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.size == 0) continue;
        std::size_t at = slot.hash & mask;
        while (slots_[at].size != 0) at = (at + 1) & mask;
        slots_[at] = slot;
    }
}

}  // namespace respand::pricing
