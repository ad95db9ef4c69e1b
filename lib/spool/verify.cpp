#include "spool/verify.hpp"

#include "spool/checksum.hpp"
#include "spool/chunk_table.hpp"
#include "spool/closed_file.hpp"
#include "spool/codec.hpp"
#include "spool/schema.hpp"

namespace respand::spool {

using sqlite::Connection;
using sqlite::Statement;

namespace {

/// Faults of structure that are told one by one; a file that is shot to pieces has thousands.
constexpr std::size_t kMostFaults = 20;

/// What stands in the file is a fault of it; what kept it from being read is not.
Status note(const Status& read, const std::string& what, Verification& report) {
    if (read) return {};
    if (!is_of_content(read.error())) return read;
    report.faults.push_back(what + read.error().message);
    return {};
}

Status check_structure(Connection& database, Verification& report) {
    auto rows = database.prepare("PRAGMA integrity_check(" + std::to_string(kMostFaults) + ")");
    auto read = !rows ? Status(std::unexpected(rows.error())) : rows->each([&](const Statement& row) {
        if (row.column_bytes(0) != "ok") report.faults.push_back(row.column_text(0));
    });
    return note(read, "", report);
}

Status check_chunks(Connection& database, Verification& report) {
    const bool marked = report.schema > 1;
    auto rows = database.prepare(std::string("SELECT id,created_us,lengths,body,") +
                                 (marked ? "checksum,sources" : "0,x''") + " FROM chunk NOT INDEXED");
    auto read = !rows ? Status(std::unexpected(rows.error())) : rows->each([&](const Statement& row) {
        Chunk chunk;
        chunk.created = wall_time(row.column_int64(1));
        chunk.lengths = numbers_from(row.column_bytes(2));
        chunk.body = row.column_text(3);
        chunk.sources = numbers_from(row.column_bytes(5));
        ++report.chunks;
        const char* fault = chunk_fault(chunk, row.column_int64(4));
        if (fault == nullptr) return;
        ++report.unreadable_chunks;
        if (report.faults.size() < kMostFaults)
            report.faults.push_back("chunk " + std::to_string(row.column_int64(0)) + ": " + fault);
    });
    return note(read, "chunks can't be read to the end: ", report);
}

Status check_dead_letters(Connection& database, Verification& report) {
    const bool marked = report.schema > 1;
    auto rows = database.prepare(std::string("SELECT id,body,") + (marked ? "checksum" : "0") +
                                 " FROM dead_letter NOT INDEXED");
    auto read = !rows ? Status(std::unexpected(rows.error())) : rows->each([&](const Statement& row) {
        ++report.dead_letters;
        const std::int64_t noted = row.column_int64(2);
        if (noted == 0 || noted == checksum(row.column_bytes(1))) return;
        ++report.unreadable_dead_letters;
        if (report.faults.size() < kMostFaults)
            report.faults.push_back("dead letter " + std::to_string(row.column_int64(0)) +
                                    ": its checksum does not fit");
    });
    return note(read, "dead letters can't be read to the end: ", report);
}

}  // namespace

Result<Verification> look_through(Connection& database, std::int64_t schema) {
    Verification report;
    report.schema = schema;
    for (const auto check : {check_structure, check_chunks, check_dead_letters})
        if (auto checked = check(database, report); !checked) return std::unexpected(checked.error());
    auto books = audit(database);
    if (!books) {
        auto noted = note(std::unexpected(books.error()), "the books can't be read: ", report);
        if (!noted) return std::unexpected(noted.error());
        return report;
    }
    report.audit = std::move(*books);
    for (const std::string& fault : report.audit.faults) report.faults.push_back(fault);
    return report;
}

Result<Verification> verify(const std::string& path) {
    auto file = ClosedFile::open(path);
    if (!file) return std::unexpected(file.error());
    const auto schema = file->schema();
    if (!schema && schema.error().kind == ErrorKind::config) return std::unexpected(schema.error());
    Verification report;
    if (schema) {
        auto found = look_through(file->database(), *schema);
        if (!found) return found;
        report = std::move(*found);
    } else if (auto noted = note(std::unexpected(schema.error()), "", report); !noted) {
        return std::unexpected(noted.error());
    }
    if (!file->log_fault().empty()) report.faults.push_back(file->log_fault());
    return report;
}

}  // namespace respand::spool
