#include "sandbox/server/id_set.hpp"

#include <openssl/sha.h>

#include <cstring>

namespace respand::sandbox {

IdSet::Seen IdSet::insert(std::string_view id) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest.data());
    Hash hash{};
    std::memcpy(hash.data(), digest.data(), sizeof hash);
    hash[0] |= 1;  // never the mark of a free slot

    if (4 * (size_ + 1) > 3 * slots_.size()) grow();
    const std::size_t slot = slot_of(hash);
    if (slots_[slot] == hash) return Seen::duplicate;
    if (size_ >= max_ids_) return Seen::full;
    slots_[slot] = hash;
    ++size_;
    return Seen::fresh;
}

void IdSet::grow() {
    constexpr std::size_t kFirstSlots = 1024;
    std::vector<Hash> old = std::move(slots_);
    slots_.assign(old.empty() ? kFirstSlots : old.size() * 2, Hash{});
    for (const Hash& hash : old)
        if (hash[0] != 0) slots_[slot_of(hash)] = hash;
}

std::size_t IdSet::slot_of(const Hash& hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash[1] & mask;
    while (slots_[slot][0] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask;
    return slot;
}

}  // namespace respand::sandbox
