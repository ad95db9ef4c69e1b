// The books of the sandbox: which rows came, which ids, what they carried. Bounded, whatever comes.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/server/id_set.hpp"
#include "sandbox/server/latency.hpp"
#include "sandbox/server/stats.hpp"

namespace respand::sandbox {

/// The last logs, oldest first: at most kMaxLogs, and at most kMaxBytes of text.
class LogRing {
  public:
    static constexpr std::size_t kMaxLogs = 1'000;
    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

    void push(std::string_view log);
    std::vector<std::string> all() const { return {logs_.begin(), logs_.end()}; }
    /// A JSON array of the last `limit` logs, by their text.
    std::string json(std::size_t limit) const;
    const std::string* last() const { return logs_.empty() ? nullptr : &logs_.back(); }

  private:
    std::deque<std::string> logs_;
    std::size_t bytes_ = 0;
};

/// One thread.
class Tally {
  public:
    Stats stats;  ///< the plain counters; snapshot() adds the rest

    /// A row that passed all checks. `id`: its custom_identifier, may be empty.
    void accept(std::string_view log, std::string_view id);
    void refuse_row() { ++stats.rows_received, ++stats.rows_refused; }
    /// Count-only: takes every row that a cheap look finds in a body; returns how many (see README.md).
    std::uint64_t accept_unparsed(std::string_view body);

    Stats snapshot() const;
    const LogRing& logs() const { return logs_; }

  private:
    void note_arrival(std::uint64_t now_ns);

    IdSet ids_;
    TokenTracker tokens_;
    LogRing logs_;
};

}  // namespace respand::sandbox
