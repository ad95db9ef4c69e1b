#include "spool/ledger.hpp"

namespace respand::spool {

void Ledger::add(std::string_view account, std::string_view reason, std::uint64_t count) {
    if (count != 0) amounts_[{std::string(account), std::string(reason)}] += count;
}

void Ledger::add(const Ledger& other) {
    for (const auto& [key, count] : other.amounts_) amounts_[key] += count;
}

std::uint64_t Ledger::at(std::string_view account, std::string_view reason) const {
    const auto found = amounts_.find({std::string(account), std::string(reason)});
    return found == amounts_.end() ? 0 : found->second;
}

std::uint64_t Ledger::sum(std::string_view account) const {
    std::uint64_t total = 0;
    for (const auto& [key, count] : amounts_)
        if (key.first == account) total += count;
    return total;
}

}  // namespace respand::spool
