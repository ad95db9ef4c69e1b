// The books: what came in and what became of it. Kept in the same transaction as the rows it speaks of.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace respand::spool {

/// Accounts of the ledger. What must hold at every commit:
///   received = rejected + dropped + accepted
///   accepted = delivered + pending rows + dead rows + discarded + lost
///   dead = dead rows + requeued + purged
/// where pending records and the rows of the dead letters are counted from the tables (audit).
namespace account {
inline constexpr std::string_view kReceived =
    "received";  ///< records, and what was to be one, that reached a listener
inline constexpr std::string_view kRejected = "rejected";  ///< by reason: refused, told in the log
inline constexpr std::string_view kDropped =
    "dropped";  ///< by cause: not kept although nothing was wrong with it (lost in the kernel, a duplicate,
                ///< no room)
inline constexpr std::string_view kDegraded =
    "degraded";  ///< by reason: accepted with less than was sent; no part of the equations
inline constexpr std::string_view kAccepted = "accepted";    ///< committed to the spool
inline constexpr std::string_view kDelivered = "delivered";  ///< the server took it
inline constexpr std::string_view kDead = "dead";            ///< parked as a dead letter, each time it was
inline constexpr std::string_view kDiscarded =
    "discarded";  ///< by whom: thrown away on somebody's order, from the queue or from the dead letters
inline constexpr std::string_view kRequeued = "requeued";  ///< by whom: dead letters that are pending again
inline constexpr std::string_view kPurged =
    "purged";                                      ///< by whom: those of `discarded` that were dead letters
inline constexpr std::string_view kLost = "lost";  ///< by cause: was accepted and could not be kept
inline constexpr std::string_view kPriced = "priced";  ///< by source of the cost; no part of the equations
inline constexpr std::string_view kUnpriced = "unpriced";  ///< by reason; no part of the equations
inline constexpr std::string_view kScrubbed = "scrubbed";  ///< secrets removed; no part of the equations
}  // namespace account

/// An account and a reason within it ("" where the account has none).
using LedgerKey = std::pair<std::string, std::string>;

/// Amounts by account and reason: a delta of one commit, or the totals.
class Ledger {
  public:
    void add(std::string_view account, std::string_view reason, std::uint64_t count);
    void add(const Ledger& other);
    std::uint64_t at(std::string_view account, std::string_view reason = {}) const;
    /// Over all reasons of the account.
    std::uint64_t sum(std::string_view account) const;
    bool empty() const { return amounts_.empty(); }
    const std::map<LedgerKey, std::uint64_t>& amounts() const { return amounts_; }

  private:
    std::map<LedgerKey, std::uint64_t> amounts_;
};

}  // namespace respand::spool
