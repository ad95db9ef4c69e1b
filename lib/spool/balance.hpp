// The equations of the ledger, line by line. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "spool/ledger.hpp"

namespace respand::spool {

/// What one lane holds, counted from the rows.
struct LaneRows {
    std::string lane;
    std::uint64_t chunks = 0;
    std::uint64_t pending = 0;  ///< records not yet settled
    std::uint64_t dead = 0;     ///< dead letters
};

/// A line of a sum: an amount of the ledger, or one that was counted from the rows.
struct BalanceLine {
    std::string account;
    std::string note;  ///< the reason in the ledger; of rows: their lane
    std::uint64_t records = 0;
    bool counted = false;  ///< from the rows
};

/// Two sums that must be the same.
struct Equation {
    std::string rule;  ///< "received = rejected + dropped + accepted"
    std::vector<BalanceLine> left, right;

    std::uint64_t left_sum() const;
    std::uint64_t right_sum() const;
    bool holds() const { return left_sum() == right_sum(); }
};

/// The three equations (see ledger.hpp). Each account has at least one line, also when nothing is booked.
std::vector<Equation> balance(const Ledger& ledger, const std::vector<LaneRows>& rows);

/// A sentence about each equation that does not hold.
std::vector<std::string> faults_of(const std::vector<Equation>& equations);

}  // namespace respand::spool
