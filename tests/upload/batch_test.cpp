#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "slices.hpp"
#include "upload/encode.hpp"
#include "upload/outcome.hpp"

namespace respand::upload {
namespace {

using test::batch_of;
using test::ids_of;

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t end) {
    std::vector<std::uint64_t> out(end - first);
    std::iota(out.begin(), out.end(), first);
    return out;
}

TEST(ABulkBody, HoldsTheRecordsByteForByteAndCopiesNothing) {
    const Batch batch = batch_of(3, 4);
    const RequestBody body = encode(batch, Endpoint::bulk);
    std::string expected = R"({"logs":[)";
    for (const Slice& slice : batch.slices) expected += (slice.chunk->id > 1 ? "," : "") + slice.chunk->body;
    expected += "]}";
    EXPECT_EQ(test::text_of(body), expected);
    EXPECT_EQ(body.size(), expected.size());
    EXPECT_EQ(body.size(), batch.bytes() + kBulkEnvelopeBytes);
    EXPECT_EQ(body.pieces[1].data(), batch.slices[0].chunk->body.data());
    EXPECT_EQ(body.keep_alive.size(), 3U);
}

TEST(ACreateBody, IsTheRecordItself) {
    const Batch one = sub_batch(batch_of(2, 3), 4, 1);
    EXPECT_EQ(test::text_of(encode(one, Endpoint::create)), test::record(4, 10 + 4 * 11));
    EXPECT_EQ(target(Endpoint::create), "/request-logs/create/");
    EXPECT_EQ(target(Endpoint::bulk), "/request-logs/bulk/");
}

TEST(APartOfABatch, HoldsExactlyTheRecordsAskedFor) {
    const Batch batch = batch_of(4, 5);
    for (std::size_t first = 0; first < 20; ++first) {
        for (std::size_t count = 1; first + count <= 20; ++count) {
            const Batch part = sub_batch(batch, first, count);
            EXPECT_EQ(ids_of(part), numbers(first, first + count));
            EXPECT_EQ(test::text_of(encode(part, Endpoint::bulk)).size(), part.bytes() + kBulkEnvelopeBytes);
        }
    }
}

TEST(WhatIsTakenFromTheFront, KeepsToTheLimitsAndLeavesTheRest) {
    for (std::size_t max_records : {1UL, 3UL, 7UL, 20UL, 500UL}) {
        for (std::size_t max_bytes : {0UL, 1UL, 60UL, 200UL, 100'000UL}) {
            Batch rest = batch_of(4, 5);
            std::vector<std::uint64_t> seen;
            while (!rest.slices.empty()) {
                const Batch front = take_front(rest, max_records, max_bytes);
                ASSERT_GE(front.records(), 1U);
                EXPECT_LE(front.records(), max_records);
                EXPECT_TRUE(front.bytes() <= max_bytes || front.records() == 1);
                // Greedy: the next record would not have fitted.
                if (!rest.slices.empty() && front.records() < max_records) {
                    EXPECT_GT(front.bytes() + 1 + sub_batch(rest, 0, 1).bytes(), max_bytes);
                }
                const auto ids = ids_of(front);
                seen.insert(seen.end(), ids.begin(), ids.end());
            }
            EXPECT_EQ(seen, numbers(0, 20));
        }
    }
}

TEST(Halves, TogetherAreTheWhole) {
    for (std::size_t count = 2; count <= 12; ++count) {
        const auto [first, second] = halve(sub_batch(batch_of(4, 3), 0, count));
        EXPECT_EQ(ids_of(first), numbers(0, count / 2));
        EXPECT_EQ(ids_of(second), numbers(count / 2, count));
    }
}

Verdict verdict_of(Cause cause, int status, std::vector<RefusedRow> refused = {}) {
    Verdict verdict;
    verdict.cause = cause;
    verdict.status = status;
    verdict.refused = std::move(refused);
    verdict.answer = "whole answer";
    return verdict;
}

TEST(ADeliveredBatch, IsSettledWhole) {
    const Outcome outcome = settle(batch_of(2, 3), verdict_of(Cause::delivered, 201));
    ASSERT_EQ(outcome.settlements.size(), 2U);
    EXPECT_TRUE(outcome.again.empty());
    EXPECT_EQ(outcome.settlements[0].outcome, Settlement::Outcome::delivered);
}

TEST(APartlyRefusedBatch, BuriesTheNamedRowsAndDeliversTheirNeighbours) {
    const Outcome outcome =
        settle(batch_of(2, 5),
               verdict_of(Cause::partly_refused, 201, {{0, "first"}, {4, "edge"}, {5, ""}, {9, "last"}}));
    std::vector<std::uint64_t> dead;
    std::vector<std::uint64_t> delivered;
    for (const Settlement& s : outcome.settlements) {
        const auto ids = ids_of(s.slice);
        auto& into = s.outcome == Settlement::Outcome::dead ? dead : delivered;
        into.insert(into.end(), ids.begin(), ids.end());
    }
    EXPECT_EQ(dead, (std::vector<std::uint64_t>{0, 4, 5, 9}));
    EXPECT_EQ(delivered, (std::vector<std::uint64_t>{1, 2, 3, 6, 7, 8}));
    EXPECT_EQ(outcome.settlements[0].answer, "first");
    EXPECT_EQ(outcome.settlements[2].answer, "whole answer");
    EXPECT_EQ(outcome.settlements[0].status, 201);
    EXPECT_TRUE(outcome.again.empty());
}

TEST(ARecordFaultWithNamedRows, SendsTheOthersAgain) {
    const Outcome outcome = settle(batch_of(1, 5), verdict_of(Cause::record_fault, 422, {{2, "bad"}}));
    ASSERT_EQ(outcome.settlements.size(), 1U);
    EXPECT_EQ(ids_of(outcome.settlements[0].slice), std::vector<std::uint64_t>{2});
    ASSERT_EQ(outcome.again.size(), 1U);
    EXPECT_EQ(ids_of(outcome.again[0]), (std::vector<std::uint64_t>{0, 1, 3, 4}));
}

TEST(ARecordFaultOfALoneRecord, BuriesItWithStatusAndAnswer) {
    const Outcome outcome = settle(batch_of(1, 1), verdict_of(Cause::record_fault, 413));
    ASSERT_EQ(outcome.settlements.size(), 1U);
    EXPECT_EQ(outcome.settlements[0].outcome, Settlement::Outcome::dead);
    EXPECT_EQ(outcome.settlements[0].status, 413);
    EXPECT_EQ(outcome.settlements[0].answer, "whole answer");
}

TEST(EverySettling, ConservesEveryRecord) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 2'000; ++round) {
        const Batch batch = batch_of(1 + random() % 4, 1 + random() % 5);
        Verdict verdict = verdict_of(
            std::array{Cause::delivered, Cause::partly_refused, Cause::record_fault}[random() % 3], 422);
        if (verdict.cause != Cause::delivered) {
            for (std::uint32_t i = 0; i < batch.records(); ++i) {
                if (random() % 3 == 0) verdict.refused.push_back({i, "no"});
            }
        }
        const Outcome outcome = settle(batch, verdict);
        std::vector<std::uint64_t> all;
        for (const Settlement& s : outcome.settlements) {
            const auto ids = ids_of(s.slice);
            all.insert(all.end(), ids.begin(), ids.end());
        }
        for (const Batch& again : outcome.again) {
            ASSERT_LT(again.records(), batch.records()) << "it must end";
            const auto ids = ids_of(again);
            all.insert(all.end(), ids.begin(), ids.end());
        }
        std::sort(all.begin(), all.end());
        ASSERT_EQ(all, numbers(0, batch.records()));
    }
}

}  // namespace
}  // namespace respand::upload
