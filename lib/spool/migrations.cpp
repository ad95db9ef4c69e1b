#include "spool/migrations.hpp"

namespace respand::spool {
namespace {

// `chunk.id` is given by us and rises for as long as the file has chunks. `lengths` is a 32-bit little-endian
// number a record. `progress.settled` is one byte a record, 1 when it was delivered or parked. An operator
// can look inside with
//   SELECT value FROM chunk, json_each('[' || body || ']');
constexpr const char* kVersion1 = R"sql(
CREATE TABLE chunk(
    id INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    lengths BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE progress(
    chunk INTEGER PRIMARY KEY,
    settled BLOB NOT NULL
) STRICT;
CREATE TABLE dead_letter(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    parked_us INTEGER NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE ledger(
    account TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY(account, reason)
) STRICT, WITHOUT ROWID;
)sql";

// Columns are added behind the body, where the few pages of metadata are not: adding them costs nothing
// however long the queue is, and they are read together with the body. What is asked without it (totals, the
// lane's next chunk, age) is in the index chunk_by_lane. `age_us` is time of the queue's own clock. `seen`
// has a row a commit with 16 bytes a record. Dead letters are few and copied: their facts stand before the
// body.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE chunk ADD COLUMN age_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chunk ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chunk ADD COLUMN sources BLOB NOT NULL DEFAULT x'';
CREATE INDEX chunk_by_lane ON chunk(lane, id, created_us, age_us, records, bytes);
CREATE TABLE dead_letter_2(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    first_tried_us INTEGER NOT NULL,
    parked_us INTEGER NOT NULL,
    cause TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    model TEXT NOT NULL,
    record_id TEXT NOT NULL,
    source INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO dead_letter_2
    SELECT id, lane, created_us, 0, parked_us, 'http_' || status, status, answer, 0, '', '', 0, length(body), 0,
           body
    FROM dead_letter ORDER BY id;
DROP TABLE dead_letter;
ALTER TABLE dead_letter_2 RENAME TO dead_letter;
CREATE INDEX dead_letter_facts ON dead_letter(id, lane, parked_us, cause, model, bytes);
CREATE TABLE lane(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO lane VALUES(0, 'default');
CREATE TABLE source(
    id INTEGER PRIMARY KEY,
    table_id TEXT NOT NULL,
    table_version TEXT NOT NULL,
    key TEXT NOT NULL,
    rule TEXT NOT NULL,
    UNIQUE(table_id, table_version, key, rule)
) STRICT;
CREATE TABLE model_day(
    day INTEGER NOT NULL,
    model TEXT NOT NULL,
    outcome TEXT NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY(day, model, outcome)
) STRICT, WITHOUT ROWID;
CREATE TABLE seen(
    id INTEGER PRIMARY KEY,
    age_us INTEGER NOT NULL,
    hashes BLOB NOT NULL
) STRICT;
CREATE TABLE identity(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    bytes BLOB NOT NULL
) STRICT;
INSERT INTO identity VALUES(1, randomblob(16));
CREATE TABLE clock(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    age_us INTEGER NOT NULL,
    wall_us INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace

const std::array<const char*, kSchemaVersion> kMigrations{kVersion1, kVersion2};

}  // namespace respand::spool
