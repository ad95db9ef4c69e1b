#include "pipeline/fresh_tail.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "pipeline/upload_source.hpp"

namespace respand::pipeline {
namespace {

TEST(TheTail, FollowsLightTrafficBehindABacklog) {
    FreshTail tail;
    EXPECT_FALSE(tail.after());
    tail.committed(100, 101, 1, true);
    ASSERT_EQ(tail.after(), 100);
    tail.took(101, 1);
    EXPECT_FALSE(tail.after());
    tail.committed(101, 102, 2, true);
    EXPECT_EQ(tail.after(), 101);
    EXPECT_FALSE(tail.taken(50));
    EXPECT_TRUE(tail.taken(101));
    EXPECT_FALSE(tail.taken(102)) << "it was not read yet, so the main reader takes it";
    EXPECT_FALSE(tail.after());
}

TEST(TheTail, HasNothingToDoWithoutABacklog) {
    FreshTail tail;
    tail.committed(0, 1, 1, false);
    EXPECT_FALSE(tail.after());
}

TEST(TheTail, NeverGoesBackBehindChunksThatCameUnannounced) {
    FreshTail tail;
    tail.committed(10, 10, 2, true);  // requeued by an operator: chunk 11 is there, the last commit's was 10
    ASSERT_EQ(tail.after(), 10);
    tail.took(11, 2);
    tail.committed(10, 12, 1, true);
    EXPECT_EQ(tail.after(), 11) << "11 was handed out";
}

TEST(TheTail, LeavesAFloodToTheMainReader) {
    FreshTail tail;
    tail.committed(10, 12, FreshTail::kFewRecords + 1, true);
    EXPECT_FALSE(tail.after());
    tail.committed(12, 13, 1, true);
    EXPECT_EQ(tail.after(), 12) << "and goes on behind it";
    for (spool::ChunkId id = 14; id < 14 + static_cast<spool::ChunkId>(FreshTail::kMostBehind); ++id)
        tail.committed(id - 1, id, 1, true);
    EXPECT_FALSE(tail.after()) << "it fell behind";
}

// Two readers at random, commits in between: every chunk is handed out once, and memory stays within its
// bound.
TEST(TheTail, AndTheMainReaderTogetherHandOutEveryChunkOnce) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        std::mt19937 random(seed);
        FreshTail tail;
        std::vector<std::uint64_t> chunks{0};  // records by id
        std::multiset<spool::ChunkId> handed_out;
        spool::ChunkId cursor = 0;
        const auto newest = [&] { return static_cast<spool::ChunkId>(chunks.size()) - 1; };
        const auto main_reads = [&](unsigned most) {
            for (; most > 0 && cursor < newest(); --most) {
                ++cursor;
                if (!tail.taken(cursor)) handed_out.insert(cursor);
            }
        };
        for (int step = 0; step < 5'000; ++step) {
            switch (random() % 4) {
                case 0:
                case 1: {
                    const std::uint64_t records = random() % 10 == 0 ? 400 : 1 + random() % 3;
                    const bool backlog = cursor < newest();
                    chunks.push_back(records);
                    tail.committed(newest() - 1, newest(), records, backlog);
                    break;
                }
                case 2:
                    if (const auto after = tail.after()) {
                        const spool::ChunkId id = *after + 1;
                        ASSERT_LE(id, newest());
                        if (chunks[static_cast<std::size_t>(id)] > FreshTail::kFewRecords) {
                            tail.leave(newest());
                        } else {
                            tail.took(id, chunks[static_cast<std::size_t>(id)]);
                            handed_out.insert(id);
                        }
                    }
                    break;
                default:
                    main_reads(static_cast<unsigned>(random() % 3));
                    break;
            }
        }
        main_reads(100'000);
        ASSERT_EQ(handed_out.size(), chunks.size() - 1);
        for (spool::ChunkId id = 1; id <= newest(); ++id) ASSERT_EQ(handed_out.count(id), 1U) << id;
    }
}

TEST(ACompactedChunk, HoldsOnlyWhatIsLeftToDoInItsPlace) {
    spool::Chunk chunk;
    chunk.body = "aa,b,cccc,d,ee";
    chunk.lengths = {2, 1, 4, 1, 2};
    chunk.settled = {true, false, true, true, false};
    const auto slim = std::make_shared<const spool::Chunk>(compacted(chunk));
    EXPECT_EQ(slim->body, ",b,,,ee");
    EXPECT_EQ(slim->records(), 5U);
    const auto slices = unsettled_slices(slim);
    ASSERT_EQ(slices.size(), 2U);
    EXPECT_EQ(slices[0].first, 1U);
    EXPECT_EQ(slim->body.substr(slices[0].offset, slices[0].bytes), "b");
    EXPECT_EQ(slices[1].first, 4U);
    EXPECT_EQ(slim->body.substr(slices[1].offset, slices[1].bytes), "ee");
    chunk.settled.clear();
    EXPECT_EQ(compacted(chunk).body, chunk.body);
}

}  // namespace
}  // namespace respand::pipeline
