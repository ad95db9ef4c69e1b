// A spool and what it must hold, side by side.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "spool/spool.hpp"

namespace respand::torture {

/// What must be in the file after a commit. Records are known by their serial number.
struct Books {
    std::set<std::uint64_t> pending, dead;
    std::uint64_t received = 0, rejected = 0, delivered = 0;
    bool operator==(const Books&) const = default;
};

/// One random transaction, and the books when it has happened. Owns what `changes` points into.
struct Step {
    spool::Changes changes;
    Books after;
    std::vector<spool::Chunk> chunks;
};

/// Draws work for a spool and knows what must come of it. The same seed draws the same work.
class SpoolModel {
  public:
    explicit SpoolModel(std::uint64_t seed) : random_(seed) {}

    /// Appends, settles in part and in whole, parks, books refusals: some of each, or one alone.
    Result<Step> draw(spool::Spool& spool, const Books& now);
    /// A file as the first version of the schema had it, with a chunk that is settled in part and a dead
    /// letter.
    Status write_version_1(const std::string& path, Books& books);
    /// Reads the file as it is; a record whose bytes are not those that were appended counts as missing.
    /// Errors: it can't be read, or its own checks (integrity_check, audit) find faults.
    Result<Books> read(spool::Spool& spool) const;

    std::uint64_t records() const { return texts_.size(); }
    std::uint32_t pick(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  private:
    spool::NewChunk draw_chunk(Books& books);
    void settle_some(const spool::Chunk& chunk, Step& step);
    std::optional<std::uint64_t> known(std::string_view text) const;

    std::mt19937 random_;
    std::map<std::uint64_t, std::string> texts_;
};

/// How many records of `expected` are not where they must be in `found`.
std::uint64_t missing(const Books& expected, const Books& found);
std::string describe(const Books& books);

}  // namespace respand::torture
