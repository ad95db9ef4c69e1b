#include "spool/balance.hpp"

#include <initializer_list>
#include <numeric>

namespace respand::spool {
namespace {

using Lines = std::vector<BalanceLine>;

std::uint64_t sum(const Lines& lines) {
    return std::accumulate(lines.begin(), lines.end(), std::uint64_t{0},
                           [](std::uint64_t total, const BalanceLine& line) { return total + line.records; });
}

void add_booked(Lines& lines, const Ledger& ledger, std::string_view account) {
    const std::size_t before = lines.size();
    for (const auto& [key, amount] : ledger.amounts())
        if (key.first == account) lines.push_back({key.first, key.second, amount, false});
    if (lines.size() == before) lines.push_back({std::string(account), {}, 0, false});
}

void add_counted(Lines& lines, const std::vector<LaneRows>& rows, const char* name,
                 std::uint64_t LaneRows::* records) {
    const std::size_t before = lines.size();
    for (const LaneRows& lane : rows)
        if (lane.*records > 0) lines.push_back({name, lane.lane, lane.*records, true});
    if (lines.size() == before) lines.push_back({name, {}, 0, true});
}

Lines booked(const Ledger& ledger, std::initializer_list<std::string_view> accounts) {
    Lines lines;
    for (const std::string_view account : accounts) add_booked(lines, ledger, account);
    return lines;
}

}  // namespace

std::uint64_t Equation::left_sum() const { return sum(left); }
std::uint64_t Equation::right_sum() const { return sum(right); }

std::vector<Equation> balance(const Ledger& ledger, const std::vector<LaneRows>& rows) {
    using namespace account;
    Equation door{"received = rejected + dropped + accepted", booked(ledger, {kReceived}),
                  booked(ledger, {kRejected, kDropped, kAccepted})};
    Equation whereabouts{"accepted = delivered + pending + dead + discarded + lost",
                         booked(ledger, {kAccepted}), booked(ledger, {kDelivered})};
    add_counted(whereabouts.right, rows, "pending", &LaneRows::pending);
    add_counted(whereabouts.right, rows, "dead", &LaneRows::dead);
    add_booked(whereabouts.right, ledger, kDiscarded);
    add_booked(whereabouts.right, ledger, kLost);
    Equation letters{"dead letters booked = dead + requeued + purged", booked(ledger, {kDead}), {}};
    add_counted(letters.right, rows, "dead", &LaneRows::dead);
    add_booked(letters.right, ledger, kRequeued);
    add_booked(letters.right, ledger, kPurged);
    return {std::move(door), std::move(whereabouts), std::move(letters)};
}

std::vector<std::string> faults_of(const std::vector<Equation>& equations) {
    std::vector<std::string> faults;
    for (const Equation& equation : equations) {
        if (equation.holds()) continue;
        const std::uint64_t left = equation.left_sum(), right = equation.right_sum();
        faults.push_back(equation.rule + " does not hold: " + std::to_string(left) + " against " +
                         std::to_string(right) + ", " +
                         (left > right ? std::to_string(left - right) + " unaccounted for"
                                       : std::to_string(right - left) + " too many on the right"));
    }
    return faults;
}

}  // namespace respand::spool
