// What the server took, as it came.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace respand::torture {

struct Arrival {
    std::size_t hash = 0;  ///< of the record as it was posted the first time
    std::uint32_t times = 0;
    bool changed = false;  ///< came again with other bytes
    std::chrono::steady_clock::time_point last;
};

/// Any thread.
class Arrivals {
  public:
    using Map = std::unordered_map<std::string, Arrival>;

    /// For sandbox::Options::accepted.
    void take(std::string_view log);
    /// Waits until so many more have come, or the time is over.
    void wait_for(std::uint64_t more, std::chrono::milliseconds at_most);
    std::uint64_t count() const;
    std::optional<Arrival> find(const std::string& name) const;
    Map snapshot() const;
    void clear();

  private:
    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::uint64_t count_ = 0;
    Map arrivals_;
};

/// The custom_identifier of a record that our senders wrote.
std::string_view name_in(std::string_view log);

}  // namespace respand::torture
