#include "spool/verify.hpp"

#include <filesystem>

#include "spool/checksum.hpp"
#include "spool/chunk_table.hpp"
#include "spool/codec.hpp"
#include "spool/lock_file.hpp"
#include "spool/schema.hpp"
#include "spool/spool.hpp"

namespace respand::spool {

using sqlite::Connection;
using sqlite::Statement;

namespace {

/// Faults of structure that are told one by one; a file that is shot to pieces has thousands.
constexpr std::size_t kMostFaults = 20;

void check_structure(Connection& database, Verification& report) {
    auto rows = database.prepare("PRAGMA integrity_check(" + std::to_string(kMostFaults) + ")");
    auto read = !rows ? Status(std::unexpected(rows.error())) : rows->each([&](const Statement& row) {
        if (row.column_bytes(0) != "ok") report.faults.push_back(row.column_text(0));
    });
    if (!read) report.faults.push_back(read.error().message);
}

void check_chunks(Connection& database, Verification& report) {
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
    if (!read) report.faults.push_back("chunks can't be read to the end: " + read.error().message);
}

void check_dead_letters(Connection& database, Verification& report) {
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
    if (!read) report.faults.push_back("dead letters can't be read to the end: " + read.error().message);
}

Result<std::int64_t> schema_of(Connection& database) {
    const auto application = database.value("PRAGMA application_id");
    if (!application) return application;
    if (*application != Spool::kApplicationId)
        return fail(ErrorKind::config, database.path() + " is not a spool of respand");
    const auto version = database.value("PRAGMA user_version");
    if (version && (*version < 1 || *version > kSchemaVersion))
        return fail(ErrorKind::config, database.path() + " has schema " + std::to_string(*version) +
                                           ", this version knows up to " + std::to_string(kSchemaVersion));
    return version;
}

}  // namespace

Result<Verification> verify(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return fail(ErrorKind::no_input, path + " is not a file that can be read");
    const auto lock = LockFile::acquire(path + ".lock");
    if (!lock) return std::unexpected(lock.error());
    auto database = Connection::open(path, sqlite::OpenMode::read_only);
    if (!database) return std::unexpected(database.error());
    Verification report;
    const auto schema = schema_of(*database);
    if (!schema && schema.error().kind == ErrorKind::config) return std::unexpected(schema.error());
    if (!schema) {
        report.faults.push_back(schema.error().message);
        return report;
    }
    report.schema = *schema;
    check_structure(*database, report);
    check_chunks(*database, report);
    check_dead_letters(*database, report);
    auto books = audit(*database);
    if (!books) {
        report.faults.push_back("the books can't be read: " + books.error().message);
        return report;
    }
    report.audit = std::move(*books);
    for (const std::string& fault : report.audit.faults) report.faults.push_back(fault);
    return report;
}

}  // namespace respand::spool
