// Collects what is wrong with a configuration file, and tells it in the order of the file. Inside this room
// only.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace respand::config {

/// Both count from 1.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    auto operator<=>(const Position&) const = default;
};

class Faults {
  public:
    /// More than these are counted, not shown: it is the wrong file.
    static constexpr std::size_t kMaxShown = 50;

    explicit Faults(std::string file_name) : file_name_(std::move(file_name)) {}
    void add(Position where, std::string what) { faults_.push_back({where, std::move(what)}); }
    bool empty() const { return faults_.empty(); }
    std::size_t size() const { return faults_.size(); }
    /// One line each: "respand.toml:12:1: what". Precondition: not empty.
    Error error() const;

  private:
    struct Fault {
        Position where;
        std::string what;
    };
    std::string file_name_;
    std::vector<Fault> faults_;
};

}  // namespace respand::config
