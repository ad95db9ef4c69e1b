#include "ingest/line_framer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace respand::ingest {
namespace {

struct Framed {
    std::vector<std::string> lines;
    bool fits = true;
    bool half = false;
    bool operator==(const Framed&) const = default;
};

/// Feeds `bytes` in reads that end at `cuts`, each in memory of its own so that a sanitizer sees what lies
/// beyond.
Framed frame(std::string_view bytes, const std::vector<std::size_t>& cuts, std::size_t limit) {
    LineFramer framer(limit);
    Framed result;
    std::size_t from = 0;
    const auto feed = [&](std::size_t to) {
        const std::size_t size = to - from;
        const auto read = std::make_unique<char[]>(size + kPadding);
        bytes.copy(read.get(), size, from);
        from = to;
        if (!framer.feed({read.get(), size}, [&](std::string_view line) {
                for (std::size_t i = 0; i < kPadding; ++i) {
                    [[maybe_unused]] const volatile char readable = *(line.data() + line.size() + i);
                }
                result.lines.emplace_back(line);
            }))
            result.fits = false;
    };
    for (const std::size_t cut : cuts)
        if (cut > from && cut < bytes.size()) feed(cut);
    feed(bytes.size());
    result.half = framer.holds_half_line();
    return result;
}

Framed frame_at_once(std::string_view bytes, std::size_t limit) { return frame(bytes, {}, limit); }

using Lines = std::vector<std::string>;

TEST(LineFramer, LinesComeOutWithoutTheirEnds) {
    EXPECT_EQ(frame_at_once("{\"a\":1}\n{\"b\":2}\r\n", 100).lines, (Lines{"{\"a\":1}", "{\"b\":2}"}));
}

TEST(LineFramer, BlankLinesAreSkipped) {
    EXPECT_EQ(frame_at_once("\n\r\n  \t \na\n\n\r\nb\n", 100).lines, (Lines{"a", "b"}));
}

TEST(LineFramer, OnlyOneCarriageReturnBelongsToTheLineEnd) {
    EXPECT_EQ(frame_at_once("a\r\r\n", 100).lines, (Lines{"a\r"}));
}

TEST(LineFramer, ALineWithoutItsEndIsHalf) {
    EXPECT_TRUE(frame_at_once("a\nb", 100).half);
    EXPECT_EQ(frame_at_once("a\nb", 100).lines, (Lines{"a"}));
}

TEST(LineFramer, TrailingBlanksAreNoHalfLine) {
    EXPECT_FALSE(frame_at_once("a\n  \r", 100).half);
    EXPECT_FALSE(frame_at_once("a\n", 100).half);
}

TEST(LineFramer, TheLimitCountsTheRecordAndNotItsLineEnd) {
    EXPECT_EQ(frame_at_once("12345\n", 5).lines, (Lines{"12345"}));
    EXPECT_EQ(frame_at_once("12345\r\n", 5).lines, (Lines{"12345"}));
    EXPECT_FALSE(frame_at_once("123456\n", 5).fits);
    EXPECT_FALSE(frame_at_once("123456\r\n", 5).fits);
    EXPECT_FALSE(frame_at_once("1234567", 5).fits) << "no line end can save it any more";
}

TEST(LineFramer, LinesBeforeOneThatIsTooLargeStillCome) {
    const Framed framed = frame_at_once("ab\ncd\n123456\nef\n", 5);
    EXPECT_EQ(framed.lines, (Lines{"ab", "cd"}));
    EXPECT_FALSE(framed.fits);
    EXPECT_FALSE(framed.half);
}

TEST(LineFramer, BetweenTwoLinesItHoldsNothing) {
    LineFramer framer(100);
    std::string bytes = "abc\nde";
    bytes.resize(bytes.size() + kPadding);
    EXPECT_TRUE(framer.feed({bytes.data(), 6}, [](std::string_view) {}));
    EXPECT_EQ(framer.buffered(), 2U);
    EXPECT_TRUE(framer.feed({bytes.data() + 3, 1}, [](std::string_view) {}));
    EXPECT_EQ(framer.buffered(), 0U);
}

TEST(LineFramer, HoweverTheBytesAreCutTheSameLinesComeOut) {
    std::mt19937 random(7);
    const auto upto = [&](std::size_t most) {
        return std::uniform_int_distribution<std::size_t>(0, most)(random);
    };
    constexpr std::string_view kAlphabet = "ab{}\n\n\r \t";
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes;
        for (std::size_t n = upto(60); n != 0; --n) bytes.push_back(kAlphabet[upto(kAlphabet.size() - 1)]);
        std::vector<std::size_t> cuts;
        for (std::size_t at = upto(4); at < bytes.size(); at += 1 + upto(8)) cuts.push_back(at);
        const std::size_t limit = 1 + upto(20);
        ASSERT_EQ(frame(bytes, cuts, limit), frame_at_once(bytes, limit)) << ::testing::PrintToString(bytes);
    }
}

TEST(LineFramer, ALongLineInManyReadsComesOutWhole) {
    std::string line(3'000'000, 'x');
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<char>('a' + i % 23);
    std::vector<std::size_t> cuts;
    for (std::size_t at = 1; at < line.size(); at += 4096) cuts.push_back(at);
    const Framed framed = frame(line + "\nnext\n", cuts, line.size());
    ASSERT_EQ(framed.lines.size(), 2U);
    EXPECT_EQ(framed.lines[0], line);
    EXPECT_EQ(framed.lines[1], "next");
}

}  // namespace
}  // namespace respand::ingest
