#include "spool/rescue.hpp"

#include <utility>

#include "base/log.hpp"
#include "spool/files.hpp"
#include "spool/headless.hpp"
#include "spool/open.hpp"
#include "spool/salvage.hpp"
#include "spool/schema.hpp"

namespace respand::spool {

using sqlite::Connection;
using sqlite::OpenMode;

namespace {

constexpr std::string_view kByDamage = "damaged";

std::uint64_t above(std::uint64_t left, std::uint64_t right) { return left > right ? left - right : 0; }

}  // namespace

Ledger balanced(Ledger ledger, std::uint64_t pending, std::uint64_t dead) {
    using namespace account;
    const std::uint64_t dead_gone = ledger.sum(kRequeued) + ledger.sum(kPurged);
    ledger.add(kPurged, kByDamage, above(ledger.sum(kDead), dead_gone + dead));
    ledger.add(kDead, kByDamage,
               above(dead + ledger.sum(kRequeued) + ledger.sum(kPurged), ledger.sum(kDead)));
    const std::uint64_t went =
        ledger.sum(kDelivered) + ledger.sum(kDiscarded) + ledger.sum(kLost) + pending + dead;
    ledger.add(kLost, kByDamage, above(ledger.sum(kAccepted), went));
    ledger.add(kAccepted, kByDamage, above(went, ledger.sum(kAccepted)));
    const std::uint64_t came = ledger.sum(kRejected) + ledger.sum(kDropped) + ledger.sum(kAccepted);
    ledger.add(kReceived, kByDamage, above(came, ledger.sum(kReceived)));
    ledger.add(kDropped, kByDamage, above(ledger.sum(kReceived), came));
    return ledger;
}

namespace {

/// The books of the fresh file: those that are known, made to fit what was found.
Status write_books(Store& fresh, Salvage& salvage, const std::optional<Ledger>& known, Rescue& rescue) {
    const Result<std::optional<Ledger>> books = known ? known : salvage.ledger();
    if (!books) return std::unexpected(books.error());
    rescue.books_lost = !*books;
    const Ledger before = books->value_or(Ledger{});
    const Ledger after = balanced(before, rescue.records, rescue.dead_letters);
    rescue.lost = after.sum(account::kLost) - before.sum(account::kLost);
    return fresh.transact([&](Tally& tally) -> Status {
        tally.ledger = after;
        return {};
    });
}

/// Nothing is wrong with it.
Result<bool> is_whole(Connection& database) {
    const auto fault = database.integrity_fault();
    if (!fault) return std::unexpected(fault.error());
    if (!fault->empty()) return false;
    return knows_our_chunks(database);
}

/// The file without its log, when that is what makes it look damaged. Nothing: it is not.
Result<std::optional<Connection>> open_without_log(const std::string& path, bool log_is_ours) {
    const auto foreign = log_is_anothers(path);
    if (!foreign) return std::unexpected(foreign.error());
    if (log_is_ours && !*foreign) return std::nullopt;
    auto alone = Connection::open(path, OpenMode::file_alone);
    if (!alone) return std::unexpected(alone.error());
    const auto whole = is_whole(*alone);
    if (!whole) return std::unexpected(whole.error());
    if (!*whole) return std::nullopt;
    return std::move(*alone);
}

/// A log that does not belong to the file makes it look damaged: then the file is read without. A first page
/// that is gone is replaced, in a copy. A disk that fails is no damage: then nothing is decided.
Result<Connection> open_damaged(const std::string& path, const std::string& fresh, const Damage& damage) {
    // Reading may make the index of the log beside it; the file and the log are not touched.
    auto database = Connection::open(path, OpenMode::read_only);
    if (!database) return database;
    const auto whole = is_whole(*database);
    if (!whole) return std::unexpected(whole.error());
    const auto foreign_log = log_is_anothers(path);
    if (!foreign_log) return std::unexpected(foreign_log.error());
    if (*whole && !*foreign_log) return database;
    auto alone = open_without_log(path, damage.log_is_ours);
    if (!alone) return std::unexpected(alone.error());
    if (*alone) return std::move(**alone);
    const Copied copied{path, scratch_path(path), damage.file};
    const auto doubtful_header = has_doubtful_header(copied, fresh);
    if (!doubtful_header) return std::unexpected(doubtful_header.error());
    if (*doubtful_header) {
        auto mended = open_with_header_of(fresh, copied);
        if (!mended) return mended;
        const auto mended_is_whole = is_whole(*mended);
        if (!mended_is_whole) return std::unexpected(mended_is_whole.error());
        if (*mended_is_whole) return mended;
    }
    const auto known = knows_our_chunks(*database);
    if (!known) return std::unexpected(known.error());
    if (*known) return database;
    return open_with_first_page_of(fresh, copied);
}

Status salvage_into(const std::string& fresh_path, const std::string& path, const Damage& damage,
                    const Clock& clock, Rescue& rescue) {
    auto database = Connection::open(fresh_path, OpenMode::read_write_create);
    if (!database) return std::unexpected(database.error());
    Store fresh(std::move(*database), clock);
    if (auto ready = fresh.prepare(); !ready) return ready;
    if (auto moved = fresh.database.checkpoint(sqlite::CheckpointMode::truncate); !moved)
        return std::unexpected(moved.error());
    auto from = open_damaged(path, fresh_path, damage);
    if (!from) return std::unexpected(from.error());
    Salvage salvage(*from, fresh, damage.lanes);
    if (auto copied = salvage.run(); !copied) return copied;
    rescue.records = salvage.records();
    rescue.dead_letters = salvage.dead_letters();
    rescue.unreadable = salvage.unreadable();
    if (auto written = write_books(fresh, salvage, damage.known, rescue); !written) return written;
    fresh.database.checkpoint_on_close(true);
    const auto moved = fresh.database.checkpoint(sqlite::CheckpointMode::truncate);
    if (!moved) return std::unexpected(moved.error());
    return {};
}

}  // namespace

Result<Rescue> rescue(const std::string& path, const Damage& damage, const Clock& clock,
                      const std::function<void()>& let_go) {
    Rescue rescue;
    rescue.why = damage.why;
    auto kept_as = damaged_path(path, clock.wall());
    if (!kept_as) return std::unexpected(kept_as.error());
    rescue.kept_as = std::move(*kept_as);
    const std::string fresh = rescue_path(path);
    remove_database(fresh);
    auto saved = salvage_into(fresh, path, damage, clock, rescue);
    remove_database(scratch_path(path));
    if (!saved) {
        remove_database(fresh);
        return std::unexpected(
            std::move(saved.error())
                .within("the spool is damaged (" + damage.why + ") and can't be rescued yet"));
    }
    let_go();
    if (auto placed = put_in_place(path, rescue.kept_as); !placed) return std::unexpected(placed.error());
    // It is done, for all but a power cut just now, after which it is done again.
    if (auto synced = sync_directory(path); !synced)
        spdlog::warn("after a rescue: {}", synced.error().message);
    return rescue;
}

std::string describe(const Rescue& rescue) {
    std::string text = "the spool was damaged (" + rescue.why + ") and is kept as " + rescue.kept_as +
                       "; a fresh one goes on with " + std::to_string(rescue.records) +
                       " pending records and " + std::to_string(rescue.dead_letters) +
                       " dead letters from it; ";
    if (rescue.books_lost)
        text += "its books were not readable, so what is missing is not known";
    else
        text += std::to_string(rescue.lost) + " accepted records are missing and booked as lost (damaged)";
    if (rescue.unreadable > 0)
        text += "; " + std::to_string(rescue.unreadable) + " chunks or dead letters were not as written";
    return text + "; check disk and memory, and keep that file until you know that nothing in it is needed";
}

}  // namespace respand::spool
