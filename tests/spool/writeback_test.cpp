// What a check-point wrote goes on in portions, each byte once.
#include "spool/writeback.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace respand::spool {
namespace {

constexpr auto kPortion = static_cast<std::int64_t>(Writeback::kPortion.value);
constexpr std::int64_t kPage = 16'384;

using Portion = std::vector<WrittenRange>;

struct Pushed {
    std::vector<Portion> portions;
    Writeback writeback{[this](std::span<const WrittenRange> ranges) {
        portions.emplace_back(ranges.begin(), ranges.end());
    }};
};

TEST(Writeback, NeighboursAreOneRange) {
    Pushed pushed;
    for (std::int64_t page = 0; page < kPortion / kPage; ++page)
        pushed.writeback.written(page * kPage, kPage);
    EXPECT_EQ(pushed.portions, (std::vector<Portion>{{{0, kPortion}}}));
}

TEST(Writeback, WhatIsLeftGoesAtTheEndAndNothingGoesTwice) {
    Pushed pushed;
    pushed.writeback.written(0, kPage);
    pushed.writeback.written(10 * kPage, kPage);
    EXPECT_TRUE(pushed.portions.empty());
    pushed.writeback.finish();
    pushed.writeback.finish();
    EXPECT_EQ(pushed.portions, (std::vector<Portion>{{{0, kPage}, {10 * kPage, kPage}}}));
}

TEST(Writeback, EveryByteIsPushedOnceInPortionsOfBoundedSize) {
    Pushed pushed;
    std::mt19937 random(7);
    std::map<std::int64_t, int> written;
    for (std::int64_t page = 0; page < 1'000; page += 1 + random() % 3) {
        pushed.writeback.written(page * kPage, kPage);
        ++written[page];
    }
    pushed.writeback.finish();
    for (const Portion& portion : pushed.portions) {
        std::int64_t sum = 0;
        for (const WrittenRange& range : portion) {
            sum += range.bytes;
            for (std::int64_t at = 0; at < range.bytes; at += kPage) --written[(range.offset + at) / kPage];
        }
        EXPECT_LT(sum, kPortion + kPage);
    }
    for (const auto& [page, left] : written) EXPECT_EQ(left, 0) << "page " << page;
}

}  // namespace
}  // namespace respand::spool
