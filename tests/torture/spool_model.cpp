#include "spool_model.hpp"

#include <algorithm>

#include "spool/migrations.hpp"
#include "sqlite/connection.hpp"

namespace respand::torture {
namespace {

using spool::Chunk;
namespace account = spool::account;

constexpr std::size_t kEverything = std::size_t{1} << 30;

template <class Each>
void for_each_record(const Chunk& chunk, Each each) {
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < chunk.records(); ++i) {
        if (chunk.settled.empty() || !chunk.settled[i])
            each(i, std::string_view(chunk.body).substr(at, chunk.lengths[i]));
        at += chunk.lengths[i] + 1;
    }
}

std::uint64_t serial_of(std::string_view text) {
    constexpr std::string_view kStart = "{\"n\":";
    return text.starts_with(kStart) ? std::strtoull(text.data() + kStart.size(), nullptr, 10) : 0;
}

}  // namespace

spool::NewChunk SpoolModel::draw_chunk(Books& books) {
    spool::NewChunk chunk;
    chunk.created = WallTime{std::chrono::seconds{1'790'000'000 + static_cast<int>(texts_.size())}};
    // Mostly small ones; now and then one that spans many pages.
    const std::uint32_t count = 1 + pick(8);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint64_t serial = texts_.size() + 1;
        std::string text = "{\"n\":" + std::to_string(serial) + ",\"input\":\"";
        text.resize(text.size() + (pick(20) == 0 ? pick(60'000) : pick(400)));
        const auto fill = static_cast<char>('a' + pick(26));
        std::ranges::replace(text, '\0', fill);
        text += "\"}";
        if (!chunk.body.empty()) chunk.body += ',';
        chunk.body += text;
        chunk.lengths.push_back(static_cast<std::uint32_t>(text.size()));
        texts_.emplace(serial, std::move(text));
        books.pending.insert(serial);
        ++books.received;
    }
    return chunk;
}

Status SpoolModel::write_version_1(const std::string& path, Books& books) {
    auto database = sqlite::Connection::open(path, sqlite::OpenMode::read_write_create);
    if (!database) return std::unexpected(database.error());
    auto made = database->exec(
        std::string("PRAGMA page_size=16384; PRAGMA journal_mode=WAL; BEGIN;") + spool::kMigrations[0] +
        "PRAGMA user_version=1; PRAGMA application_id=" + std::to_string(spool::Spool::kApplicationId));
    if (!made) return made;
    for (int id = 1; id <= 5; ++id) {
        const spool::NewChunk chunk = draw_chunk(books);
        auto row = database->prepare(
            "INSERT INTO chunk(id,lane,created_us,records,bytes,lengths,body) "
            "VALUES(?,0,1790000000000000,?,?,?,?)");
        if (!row) return std::unexpected(row.error());
        const std::string_view lengths(reinterpret_cast<const char*>(chunk.lengths.data()),
                                       chunk.lengths.size() * sizeof(std::uint32_t));
        auto inserted = row->bind(1, id)
                            .bind(2, static_cast<std::int64_t>(chunk.records()))
                            .bind(3, static_cast<std::int64_t>(chunk.body.size()))
                            .bind_blob(4, lengths)
                            .bind_blob(5, chunk.body)
                            .run();
        if (!inserted) return inserted;
        if (id != 5) continue;
        // The first record of the last chunk is dead.
        const std::uint64_t dead = texts_.size() + 1 - chunk.records();
        std::string marks(chunk.records(), '\0');
        marks[0] = '\1';
        auto settled = database->prepare("INSERT INTO progress VALUES(5,?)");
        auto parked = database->prepare("INSERT INTO dead_letter VALUES(1,0,1,2,422,'no such model',?)");
        if (!settled || !parked) return respand::fail(ErrorKind::software, "the first version's tables");
        if (auto done = settled->bind_blob(1, marks).run(); !done) return done;
        if (auto done = parked->bind_blob(1, texts_.at(dead)).run(); !done) return done;
        books.pending.erase(dead);
        books.dead.insert(dead);
    }
    const std::string records = std::to_string(books.received);
    return database->exec("INSERT INTO ledger VALUES('received',''," + records + "),('accepted',''," +
                          records + "),('dead','',1); COMMIT");
}

void SpoolModel::settle_some(const Chunk& chunk, Step& step) {
    const auto size = static_cast<std::uint32_t>(chunk.records());
    const bool whole = pick(3) == 0;
    for_each_record(chunk, [&](std::uint32_t index, std::string_view text) {
        const std::uint64_t serial = serial_of(text);
        if (whole || pick(3) == 0) {
            step.changes.delivered.push_back({chunk.id, size, index, 1});
            step.after.pending.erase(serial);
            ++step.after.delivered;
        } else if (pick(10) == 0) {
            spool::Parked parked;
            parked.chunk = chunk.id;
            parked.chunk_records = size;
            parked.index = index;
            parked.created = chunk.created;
            parked.status = 422;
            parked.answer = "no such model";
            parked.body = text;
            step.changes.parked.push_back(parked);
            step.after.pending.erase(serial);
            step.after.dead.insert(serial);
        }
    });
}

Result<Step> SpoolModel::draw(spool::Spool& spool, const Books& now) {
    Step step;
    step.after = now;
    const std::uint32_t kind = pick(10);
    if (kind < 7)
        for (std::uint32_t i = 0; i <= pick(3); ++i) step.changes.append.push_back(draw_chunk(step.after));
    if (kind >= 5) {
        auto chunks = spool.read(spool::kDefaultLane, 0, 40, kEverything);
        if (!chunks) return std::unexpected(chunks.error());
        step.chunks = std::move(*chunks);
        for (const Chunk& chunk : step.chunks) settle_some(chunk, step);
    }
    if (pick(4) == 0 || step.changes.empty()) {
        ++step.after.rejected;
        ++step.after.received;
        step.changes.ledger.add(account::kRejected, "not_json", 1);
    }
    step.changes.ledger.add(account::kReceived, {}, step.after.received - now.received);
    return step;
}

std::optional<std::uint64_t> SpoolModel::known(std::string_view text) const {
    const auto found = texts_.find(serial_of(text));
    if (found == texts_.end() || found->second != text) return std::nullopt;
    return found->first;
}

Result<Books> SpoolModel::read(spool::Spool& spool) const {
    auto database = sqlite::Connection::open(spool.path(), sqlite::OpenMode::read_only);
    if (!database) return std::unexpected(database.error());
    const auto intact = database->text_value("PRAGMA integrity_check");
    if (!intact) return std::unexpected(intact.error());
    if (*intact != "ok") return respand::fail(ErrorKind::data, "integrity_check: " + *intact);
    const auto audit = spool.audit();
    if (!audit) return std::unexpected(audit.error());
    if (!audit->faults.empty()) return respand::fail(ErrorKind::data, "audit: " + audit->faults.front());

    Books books;
    books.received = audit->ledger.sum(account::kReceived);
    books.rejected = audit->ledger.sum(account::kRejected);
    books.delivered = audit->ledger.sum(account::kDelivered);
    const auto chunks = spool.read(spool::kDefaultLane, 0, kEverything, kEverything);
    if (!chunks) return std::unexpected(chunks.error());
    for (const Chunk& chunk : *chunks)
        for_each_record(chunk, [&](std::uint32_t, std::string_view text) {
            if (const auto serial = known(text)) books.pending.insert(*serial);
        });
    auto rows = database->prepare("SELECT body FROM dead_letter");
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return books;
        if (const auto serial = known(rows->column_bytes(0))) books.dead.insert(*serial);
    }
}

std::uint64_t missing(const Books& expected, const Books& found) {
    std::vector<std::uint64_t> lacking;
    std::ranges::set_difference(expected.pending, found.pending, std::back_inserter(lacking));
    std::ranges::set_difference(expected.dead, found.dead, std::back_inserter(lacking));
    return lacking.size();
}

std::string describe(const Books& books) {
    return std::to_string(books.pending.size()) + " pending, " + std::to_string(books.dead.size()) +
           " dead, " + std::to_string(books.delivered) + " delivered, " + std::to_string(books.rejected) +
           " rejected of " + std::to_string(books.received);
}

}  // namespace respand::torture
