// Tells a bad record from a server that refuses everything. Pure.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace respand::upload {

/// A proxy, a wrong path or a broken server may answer 400, 413 or 422 to whatever it is sent. So a refusal
/// without anything passing condemns only the first few records; the next ones are held, and parked when they
/// are refused again although others passed meanwhile, or after kPatience when nothing else came. A longer
/// run stops the lane: from then on nothing is parked before something passes. So a server that refuses
/// everything costs less than kStop records, and bad records in a quiet stream are out of the way in a
/// minute.
class RefusalRun {
  public:
    /// Records parked at once since something last passed.
    static constexpr std::size_t kUnproven = 3;
    /// Different records refused in a row, nothing passing: now an operator has to look.
    static constexpr std::uint32_t kStop = 8;
    /// A held record is tried again after this, or as soon as something passed.
    static constexpr std::chrono::seconds kPatience{60};

    enum class Ruling : std::uint8_t {
        park,  ///< the records are to blame
        hold,  ///< keep them, see whether others pass
        stop,  ///< keep them, and stop the lane
    };
    /// The server refused `records` records for what they hold. `again`: it did so before. `proven`: and
    /// others passed since then.
    Ruling refused(std::size_t records, bool again, bool proven) {
        if (proven) return Ruling::park;
        const bool few = records <= kUnproven;
        if (!again || !few) ++streak_;
        if (streak_ >= kStop) return Ruling::stop;
        if (again && few) return Ruling::park;
        if (parked_ + records > kUnproven) return Ruling::hold;
        parked_ += records;
        return Ruling::park;
    }
    void passed() { *this = {}; }
    /// The next refusal will not be taken at its word: a witness from elsewhere in the queue is wanted.
    bool doubtful() const { return parked_ >= kUnproven || streak_ > kUnproven; }
    /// Refusals in a row.
    std::uint32_t streak() const { return streak_; }

  private:
    std::size_t parked_ = 0;
    std::uint32_t streak_ = 0;
};

}  // namespace respand::upload
