// What can go wrong, as a list: each fault brings it about, again and again, and counts what became of the
// records.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace respand::torture {

/// How hard, and where.
struct Plan {
    std::uint64_t seed = 1;
    double scale = 1;           ///< multiplies each fault's usual number of runs
    std::string programs;       ///< directory of respand and respanctl
    std::string source;         ///< top of the source tree, for the price table
    std::string small_disk;     ///< a small file system of our own, mounted there; empty: none can be had…
    std::string no_small_disk;  ///< …and why not

    std::uint64_t runs(std::uint64_t usual) const {
        const auto scaled = static_cast<std::uint64_t>(static_cast<double>(usual) * scale);
        return scaled == 0 ? 1 : scaled;
    }
};

/// One line of the table. What is counted here was looked at one by one.
struct Outcome {
    std::uint64_t runs = 0;
    std::uint64_t records = 0;        ///< that were committed, over all runs
    std::uint64_t lost = 0;           ///< of those: missing or changed afterwards
    std::uint64_t duplicated = 0;     ///< delivered more than once
    std::uint64_t recovered = 0;      ///< runs after which it worked again by itself
    std::vector<std::string> broken;  ///< promises that did not hold, one sentence each
    std::vector<std::string> notes;   ///< measured beside it
    bool available = true;            ///< false: this machine can't bring the fault about; `notes` says why

    void fail(std::string sentence) { broken.push_back(std::move(sentence)); }
};

class Fault {
  public:
    virtual ~Fault() = default;
    virtual std::string name() const = 0;
    /// One line for --list.
    virtual std::string what() const = 0;
    virtual bool needs_small_disk() const { return false; }
    virtual Outcome run(const Plan& plan) = 0;
};

std::vector<std::unique_ptr<Fault>> all_faults();

}  // namespace respand::torture
