#include <gtest/gtest.h>

#include <random>
#include <set>

#include "pipeline/chunk_builder.hpp"
#include "pipeline/rate_meter.hpp"
#include "pipeline/upload_source.hpp"
#include "record/record.hpp"

namespace respand::pipeline {
namespace {

std::shared_ptr<const spool::Chunk> chunk_with(std::vector<std::size_t> lengths,
                                               std::vector<bool> settled = {}) {
    auto chunk = std::make_shared<spool::Chunk>();
    char letter = 'a';
    for (const std::size_t length : lengths) {
        if (!chunk->body.empty()) chunk->body += ',';
        chunk->body += std::string(length, letter++);
        chunk->lengths.push_back(static_cast<std::uint32_t>(length));
    }
    chunk->settled = std::move(settled);
    return chunk;
}

std::string text_of(const upload::Slice& slice) {
    return slice.chunk->body.substr(slice.offset, slice.bytes);
}

TEST(Slices, SettledRecordsAreLeftOutAndTheRestComesInRuns) {
    const auto slices = unsettled_slices(chunk_with({1, 2, 3, 1, 1}, {true, false, false, true, false}));
    ASSERT_EQ(slices.size(), 2U);
    EXPECT_EQ(text_of(slices[0]), "bb,ccc");
    EXPECT_EQ(text_of(slices[1]), "e");
    EXPECT_EQ(slices[1].first, 4U);
}

TEST(Slices, AChunkThatIsSettledWholeGivesNone) {
    EXPECT_TRUE(unsettled_slices(chunk_with({1, 1}, {true, true})).empty());
}

// Whatever the limits, taking piece by piece brings every record once, in order, within the limits.
TEST(Slices, TakingBringsEveryRecordOnceAndKeepsToTheLimits) {
    std::mt19937 random(5);
    for (int round = 0; round < 500; ++round) {
        std::deque<upload::Slice> ready;
        std::string expected;
        for (unsigned c = 0; c <= random() % 4; ++c) {
            std::vector<std::size_t> lengths;
            std::vector<bool> settled;
            for (unsigned i = 0; i <= random() % 8; ++i) {
                lengths.push_back(1 + random() % 20);
                settled.push_back(random() % 4 == 0);
            }
            for (const auto& slice : unsettled_slices(chunk_with(lengths, settled))) {
                expected += text_of(slice) + ",";
                ready.push_back(slice);
            }
        }
        const std::size_t max_records = 1 + random() % 6, max_bytes = 1 + random() % 40;
        std::string got;
        while (!ready.empty()) {
            const auto taken = take_slices(ready, max_records, max_bytes);
            ASSERT_FALSE(taken.empty());
            std::size_t records = 0;
            std::string text;
            for (const auto& slice : taken) {
                records += slice.count;
                text += text_of(slice) + ",";
            }
            ASSERT_LE(records, max_records);
            ASSERT_TRUE(records == 1 || text.size() - 1 <= max_bytes);
            got += text;
        }
        ASSERT_EQ(got, expected);
    }
}

TEST(ChunkBuilder, ChunksKeepToTheirLimitsAndAHugeRecordIsAlone) {
    std::vector<spool::NewChunk> chunks;
    ChunkBuilder builder([&](spool::NewChunk chunk) { chunks.push_back(std::move(chunk)); },
                         [] { return std::string(); });
    std::size_t records = 0;
    auto add = [&](std::size_t size) {
        builder.add("{\"x\":\"" + std::string(size, 'y') + "\"}", {}, WallTime{});
        ++records;
    };
    for (int i = 0; i < 1200; ++i) add(10);
    for (int i = 0; i < 20; ++i) add(50'000);
    add(5'000'000);
    add(10);
    builder.finish();
    std::size_t seen = 0;
    for (const auto& chunk : chunks) {
        seen += chunk.records();
        EXPECT_LE(chunk.records(), spool::kMaxChunkRecords);
        EXPECT_TRUE(chunk.body.size() <= spool::kMaxChunkBytes || chunk.records() == 1);
        std::size_t total = chunk.records() - 1;
        for (const auto length : chunk.lengths) total += length;
        EXPECT_EQ(total, chunk.body.size());
    }
    EXPECT_EQ(seen, records);
    EXPECT_EQ(chunks.front().records(), spool::kMaxChunkRecords);
}

TEST(RateMeter, TellsTheMeanOfTheLastSeconds) {
    RateMeter meter;
    EXPECT_EQ(meter.per_second(), 0);
    for (std::uint64_t second = 0; second < 30; ++second) meter.sample(second * 100);
    EXPECT_DOUBLE_EQ(meter.per_second(), 100);
    for (std::size_t i = 0; i < RateMeter::kWindow; ++i) meter.sample(2900);
    EXPECT_DOUBLE_EQ(meter.per_second(), 0);
}

}  // namespace
}  // namespace respand::pipeline
