#include "arrivals.hpp"

namespace respand::torture {

std::string_view name_in(std::string_view log) {
    constexpr std::string_view kKey = "\"custom_identifier\":\"";
    const std::size_t at = log.find(kKey);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + kKey.size();
    return log.substr(start, log.find('"', start) - start);
}

void Arrivals::take(std::string_view log) {
    const std::size_t hash = std::hash<std::string_view>{}(log);
    const std::lock_guard lock(mutex_);
    Arrival& arrival = arrivals_[std::string(name_in(log))];
    arrival.changed = arrival.changed || (arrival.times > 0 && arrival.hash != hash);
    arrival.hash = hash;
    ++arrival.times;
    arrival.last = std::chrono::steady_clock::now();
    ++count_;
    came_.notify_all();
}

void Arrivals::wait_for(std::uint64_t more, std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, at_most, [this, goal = count_ + more] { return count_ >= goal; });
}

std::uint64_t Arrivals::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

std::optional<Arrival> Arrivals::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = arrivals_.find(name);
    if (found == arrivals_.end()) return std::nullopt;
    return found->second;
}

Arrivals::Map Arrivals::snapshot() const {
    const std::lock_guard lock(mutex_);
    return arrivals_;
}

void Arrivals::clear() {
    const std::lock_guard lock(mutex_);
    arrivals_.clear();
}

}  // namespace respand::torture
