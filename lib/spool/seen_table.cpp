#include "spool/seen_table.hpp"

#include <algorithm>
#include <cstring>

#include "spool/codec.hpp"

namespace respand::spool {

using sqlite::Statement;

namespace {

void unpack(std::string_view bytes, const std::function<void(const RecordHash&)>& take) {
    RecordHash hash;
    for (; bytes.size() >= hash.size(); bytes.remove_prefix(hash.size())) {
        std::memcpy(hash.data(), bytes.data(), hash.size());
        take(hash);
    }
}

}  // namespace

Status SeenTable::prepare(sqlite::Connection& database) {
    const auto bytes = database.value("SELECT coalesce(sum(length(hashes)),0) FROM seen");
    if (!bytes) return std::unexpected(bytes.error());
    count_ = *bytes / static_cast<std::int64_t>(sizeof(RecordHash));
    return database.prepare_all({
        {&insert_, "INSERT INTO seen(age_us,hashes) VALUES(?,?)"},
        {&all_, "SELECT hashes FROM seen ORDER BY id"},
        {&oldest_, "SELECT id,age_us,hashes FROM seen ORDER BY id LIMIT ?"},
        {&remove_, "DELETE FROM seen WHERE id<=?"},
    });
}

Status SeenTable::insert(std::span<const RecordHash> hashes, std::int64_t age_us) {
    while (!hashes.empty()) {
        const auto row = hashes.first(std::min(hashes.size(), kRowHashes));
        const std::string_view bytes{reinterpret_cast<const char*>(row.data()), row.size_bytes()};
        if (auto added = insert_.bind(1, age_us).bind_blob(2, bytes).run(); !added) return added;
        hashes = hashes.subspan(row.size());
    }
    return {};
}

Status SeenTable::each(const std::function<void(const RecordHash&)>& take) {
    return all_.each([&](const Statement& row) { unpack(row.column_bytes(0), take); });
}

Result<std::vector<RecordHash>> SeenTable::expire(std::int64_t before_us, std::uint64_t max_rows) {
    std::vector<RecordHash> gone;
    std::int64_t last = 0;
    bool done = false;
    auto read = oldest_.bind(1, static_cast<std::int64_t>(kStepRows)).each([&](const Statement& row) {
        const bool too_many = column_count(count_) > max_rows + gone.size();
        done = done || (row.column_int64(1) >= before_us && !too_many);
        if (done) return;
        last = row.column_int64(0);
        unpack(row.column_bytes(2), [&](const RecordHash& hash) { gone.push_back(hash); });
    });
    if (!read) return std::unexpected(read.error());
    if (last == 0) return gone;
    if (auto removed = remove_.bind(1, last).run(); !removed) return std::unexpected(removed.error());
    return gone;
}

}  // namespace respand::spool
