#include "spool/audit.hpp"

namespace respand::spool {
namespace {

/// Structural faults: a query that counts rows which must not be there, and the sentence for it.
struct Check {
    const char* sql;
    const char* sentence;
};
constexpr Check kChecks[] = {
    {"SELECT count(*) FROM chunk WHERE records*4<>length(lengths) OR records<1",
     "chunks whose list of lengths does not fit their number of records"},
    {"SELECT count(*) FROM chunk WHERE length(sources) NOT IN (0,length(lengths))",
     "chunks whose list of sources does not fit their number of records"},
    {"SELECT count(*) FROM chunk WHERE bytes<>length(body)", "chunks whose body is not as long as noted"},
    {"SELECT count(*) FROM progress WHERE chunk NOT IN (SELECT id FROM chunk)",
     "notes of progress without a chunk"},
    {"SELECT count(*) FROM progress JOIN chunk ON chunk.id=progress.chunk WHERE length(settled)<>records",
     "notes of progress that do not fit their chunk"},
    {"SELECT count(*) FROM dead_letter WHERE bytes<>length(body)",
     "dead letters whose body is not as long as noted"},
};

std::string numbers(std::uint64_t left, std::uint64_t right) {
    return std::to_string(left) + " against " + std::to_string(right);
}

/// Records of all chunks less those that are settled.
Result<std::uint64_t> count_pending(sqlite::Connection& database) {
    const auto records = database.value("SELECT coalesce(sum(records),0) FROM chunk");
    if (!records) return std::unexpected(records.error());
    auto marks = database.prepare("SELECT settled FROM progress");
    if (!marks) return std::unexpected(marks.error());
    auto pending = static_cast<std::uint64_t>(*records);
    for (;;) {
        const auto row = marks->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return pending;
        for (const char mark : marks->column_bytes(0)) pending -= mark != '\0' ? 1U : 0U;
    }
}

Result<Ledger> read_ledger(sqlite::Connection& database) {
    auto rows = database.prepare("SELECT account,reason,amount FROM ledger");
    if (!rows) return std::unexpected(rows.error());
    Ledger ledger;
    for (;;) {
        const auto row = rows->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return ledger;
        ledger.add(rows->column_bytes(0), rows->column_bytes(1),
                   static_cast<std::uint64_t>(rows->column_int64(2)));
    }
}

Result<Audit> audit_snapshot(sqlite::Connection& database) {
    Audit audit;
    auto ledger = read_ledger(database);
    if (!ledger) return std::unexpected(ledger.error());
    audit.ledger = std::move(*ledger);
    const auto pending = count_pending(database);
    if (!pending) return std::unexpected(pending.error());
    audit.pending_rows = *pending;
    const auto dead = database.value("SELECT count(*) FROM dead_letter");
    if (!dead) return std::unexpected(dead.error());
    audit.dead_rows = static_cast<std::uint64_t>(*dead);
    audit.faults = ledger_faults(audit.ledger, audit.pending_rows, audit.dead_rows);
    for (const Check& check : kChecks) {
        const auto count = database.value(check.sql);
        if (!count) return std::unexpected(count.error());
        if (*count != 0) audit.faults.push_back(std::to_string(*count) + " " + check.sentence);
    }
    return audit;
}

}  // namespace

std::vector<std::string> ledger_faults(const Ledger& ledger, std::uint64_t pending_rows,
                                       std::uint64_t dead_rows) {
    using namespace account;
    std::vector<std::string> faults;
    const std::uint64_t received = ledger.sum(kReceived), accepted = ledger.sum(kAccepted);
    const std::uint64_t came_to = ledger.sum(kRejected) + ledger.sum(kDropped) + accepted;
    if (received != came_to)
        faults.push_back("received is not rejected + dropped + accepted: " + numbers(received, came_to));
    const std::uint64_t went_to =
        ledger.sum(kDelivered) + pending_rows + dead_rows + ledger.sum(kDiscarded) + ledger.sum(kLost);
    if (accepted != went_to)
        faults.push_back("accepted is not delivered + pending + dead + discarded + lost: " +
                         numbers(accepted, went_to));
    const std::uint64_t dead = ledger.sum(kDead);
    const std::uint64_t dead_went_to = dead_rows + ledger.sum(kRequeued) + ledger.sum(kPurged);
    if (dead != dead_went_to)
        faults.push_back("the dead letters booked are not those in the file, requeued and purged: " +
                         numbers(dead, dead_went_to));
    return faults;
}

Result<Audit> audit(sqlite::Connection& database) {
    if (auto begun = database.exec("BEGIN"); !begun) return std::unexpected(begun.error());
    auto result = audit_snapshot(database);
    if (auto ended = database.exec("COMMIT"); !ended && result) return std::unexpected(ended.error());
    return result;
}

}  // namespace respand::spool
