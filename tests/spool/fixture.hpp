// What every test of the spool needs: chunks to write, a spool to open, books to check.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "spool/spool.hpp"
#include "support/temp_dir.hpp"

namespace respand::spool {

inline constexpr WallTime kArrival{std::chrono::seconds{1'790'000'000}};

inline NewChunk chunk_of(const std::vector<std::string>& records, LaneId lane = kDefaultLane) {
    NewChunk chunk;
    chunk.lane = lane;
    chunk.created = kArrival;
    for (const std::string& record : records) {
        if (!chunk.body.empty()) chunk.body += ',';
        chunk.body += record;
        chunk.lengths.push_back(static_cast<std::uint32_t>(record.size()));
    }
    return chunk;
}

/// A change that appends, with the books that go with it.
inline Changes appending(std::vector<NewChunk> chunks) {
    Changes changes;
    std::uint64_t records = 0;
    for (const auto& chunk : chunks) records += chunk.records();
    changes.append = std::move(chunks);
    changes.ledger.add(account::kReceived, {}, records);
    return changes;
}

inline std::unique_ptr<Spool> open(const test::TempDir& dir) {
    SpoolSettings settings;
    settings.path = dir.file("spool.db");
    auto spool = Spool::open(settings);
    EXPECT_TRUE(spool) << spool.error().message;
    return spool ? std::move(*spool) : nullptr;
}

inline std::unique_ptr<Spool> open(const test::TempDir& dir, const Clock& clock) {
    SpoolSettings settings;
    settings.path = dir.file("spool.db");
    auto spool = Spool::open(settings, clock);
    EXPECT_TRUE(spool) << spool.error().message;
    return spool ? std::move(*spool) : nullptr;
}

inline std::vector<std::string> records_of(const Chunk& chunk) {
    std::vector<std::string> records;
    std::size_t at = 0;
    for (const std::uint32_t length : chunk.lengths) {
        records.push_back(chunk.body.substr(at, length));
        at += length + 1;
    }
    return records;
}

/// Records of the lane that are not settled, oldest first.
inline std::vector<std::string> pending(Spool& spool, LaneId lane = kDefaultLane) {
    std::vector<std::string> found;
    const auto chunks = spool.read(lane, 0, 1'000'000, 1 << 30);
    EXPECT_TRUE(chunks) << chunks.error().message;
    for (const Chunk& chunk : chunks.value_or(std::vector<Chunk>{})) {
        const auto records = records_of(chunk);
        for (std::size_t i = 0; i < records.size(); ++i)
            if (chunk.settled.empty() || !chunk.settled[i]) found.push_back(records[i]);
    }
    return found;
}

/// Parks the record at `index` of the chunk. What the views point to is the chunk's.
inline Parked parking(const Chunk& chunk, std::uint32_t index) {
    Parked parked;
    parked.chunk = chunk.id;
    parked.chunk_records = static_cast<std::uint32_t>(chunk.records());
    parked.index = index;
    parked.lane = chunk.lane;
    parked.created = chunk.created;
    parked.status = 422;
    parked.answer = "no such model";
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < index; ++i) at += chunk.lengths[i] + 1;
    parked.body = std::string_view(chunk.body).substr(at, chunk.lengths[index]);
    return parked;
}

inline void expect_in_order(Spool& spool) {
    const auto audit = spool.audit();
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE(audit->faults.empty()) << audit->faults.front();
}

}  // namespace respand::spool
