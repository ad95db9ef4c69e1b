// Told apart: a log that is whole, one that the power cut short, and one that is damaged.
#include "spool/log_scan.hpp"

#include <gtest/gtest.h>

#include <random>

#include "damage.hpp"
#include "log_bytes.hpp"

namespace respand::spool {
namespace {

using State = LogReport::State;
using test::TempDir;

constexpr int kTransactions = 8;

/// A log of some transactions, written over an older and longer one when `again`.
std::string make_log(bool again) {
    TempDir dir(test::memory_directory());
    auto spool = open(dir);
    int number = 0;
    const auto fill = [&](int transactions, int most_chunks) {
        for (int i = 0; i < transactions; ++i) {
            std::vector<NewChunk> chunks;
            for (int j = 0; j <= i % most_chunks; ++j) chunks.push_back(chunk_of({record(++number, 15'000)}));
            EXPECT_TRUE(spool->commit(appending(std::move(chunks))));
        }
    };
    if (again) {
        fill(10, 5);
        EXPECT_TRUE(spool->finish_checkpoint());
    } else {
        EXPECT_TRUE(spool->checkpoint());
    }
    fill(kTransactions, 4);
    return contents(dir.file("spool.db-wal"));
}

const std::string& fresh_log() {
    static const std::string log = make_log(false);
    return log;
}
const std::string& reused_log() {
    static const std::string log = make_log(true);
    return log;
}

/// Bytes up to the last commit of the log that counts.
std::size_t length(const std::string& log) { return frame_at(scan(log).frames); }

TEST(LogScan, AWholeLogIsSoundHoweverLongItWasBefore) {
    EXPECT_EQ(scan(fresh_log()).state, State::sound);
    EXPECT_EQ(scan(fresh_log()).frames, frames_in(fresh_log()));
    EXPECT_EQ(scan(reused_log()).state, State::sound);
    EXPECT_GT(scan(reused_log()).frames, 0U);
    EXPECT_LT(scan(reused_log()).frames, frames_in(reused_log())) << "nothing of the older log is left";
}

/// Of the upper bits of a word several may explain the same checksum.
bool is_always_placed(std::size_t bit) { return bit % 32 <= 20; }

TEST(LogScan, EveryWrongBitIsFoundAndMostArePutRight) {
    std::mt19937 random(7);
    int exact = 0, tried = 0;
    for (const std::string* log : {&fresh_log(), &reused_log()}) {
        const std::size_t end = length(*log), last = scan(*log).frames - 1;
        std::vector<std::size_t> bits;
        for (std::size_t bit = log == &fresh_log() ? 0 : 1; bit < kLogHeader * 8;
             bit += log == &fresh_log() ? 1 : 9)
            bits.push_back(bit);
        for (const std::size_t frame : {std::size_t{0}, std::size_t{1}, last / 2, last - 1, last})
            for (std::size_t bit = 0; bit < kFrameHeader * 8; bit += 5)
                bits.push_back(frame_at(frame) * 8 + bit);
        for (std::size_t frame = 0; frame < last; ++frame)  // the last word of a page is the hard one
            bits.push_back(frame_at(frame + 1) * 8 - 1 - random() % 64);
        for (int i = 0; i < 150; ++i) bits.push_back(random() % (end * 8));
        for (const std::size_t bit : bits) {
            SCOPED_TRACE("bit " + std::to_string(bit));
            const std::string damaged = flipped(*log, bit);
            const LogReport report = scan(damaged);
            ASSERT_EQ(report.state, State::damaged);
            EXPECT_EQ(report.frames, last + 1) << "commits are forgotten";
            const std::string mended = rewritten(damaged, report);
            EXPECT_EQ(scan(mended).state, State::sound);
            ++tried;
            exact += report.exact ? 1 : 0;
            if (report.exact) {
                ASSERT_TRUE(mended == log->substr(0, end));
            }
            const bool hard = bit / 8 >= frame_at(last) + 16;  // nothing goes on from the last frame
            EXPECT_TRUE(report.exact || hard || !is_always_placed(bit - kLogHeader * 8));
        }
    }
    EXPECT_GT(exact * 10, tried * 7);
}

TEST(LogScan, SeveralWrongBitsInDifferentFramesAreAllPutRight) {
    std::mt19937 random(8);
    std::string damaged = flipped(fresh_log(), 77);
    for (std::size_t frame = 0; frame < frames_in(fresh_log()); frame += 1 + random() % 3)
        damaged = flipped(std::move(damaged),
                          frame_at(frame) * 8 + random() % (kLogFrame / 4) * 32 + random() % 21);
    const LogReport report = scan(damaged);
    EXPECT_EQ(report.state, State::damaged);
    EXPECT_TRUE(rewritten(damaged, report) == fresh_log());
}

TEST(LogScan, ADestroyedPieceIsDamageUnlessThePowerCouldHaveDoneIt) {
    for (const std::string* log : {&fresh_log(), &reused_log()}) {
        const std::size_t frames = scan(*log).frames;
        const auto commits = commits_in(log->substr(0, frame_at(frames)));
        const std::size_t provable =
            commits[commits.size() - 2];  // a frame that goes on from it is behind it
        for (std::size_t frame = 0; frame < frames; ++frame)
            for (const std::size_t offset : {std::size_t{0}, std::size_t{5000}}) {
                std::string damaged = *log;
                damaged.replace(frame_at(frame) + offset, 512, 512, '\x5a');
                const LogReport report = scan(damaged);
                if (frame < provable && report.state == State::damaged) {
                    EXPECT_EQ(report.frames, frames);
                    EXPECT_FALSE(report.exact);
                    const std::string mended = rewritten(damaged, report);
                    const LogReport after = scan(mended);
                    EXPECT_EQ(after.state, State::sound);
                    EXPECT_EQ(after.frames + (offset == 0 ? 1 : 0), frames);
                } else {
                    EXPECT_GE(frame + 1, provable) << "not found, although a later commit proves it";
                }
                EXPECT_TRUE(frame <= provable || report.state == State::sound) << "frame " << frame;
            }
    }
}

/// What may be on the disk when the power goes during the last transaction: of its sectors any.
TEST(LogScan, ATransactionThatThePowerCutShortIsNeverTakenForDamage) {
    std::mt19937 random(9);
    for (const bool again : {false, true}) {
        const std::string& log = again ? reused_log() : fresh_log();
        const std::string older = again ? make_log(true) : std::string();
        const auto commits = commits_in(log.substr(0, length(log)));
        for (int run = 0; run < 200; ++run) {
            const std::size_t transaction = random() % (commits.size() - 1);
            const std::size_t from = frame_at(commits[transaction] + 1),
                              to = frame_at(commits[transaction + 1] + 1);
            // Behind the cut: what the file had there before. Any bytes of an older log do.
            std::string torn = log.substr(0, from);
            torn += again && run % 2 == 0 ? log.substr(length(log)) : std::string(to - from, '\0');
            if (torn.size() < to) torn.resize(to, '\0');
            for (std::size_t at = from / 512 * 512; at < to; at += 512) {
                const std::size_t begin = std::max(at, from), end = std::min(at + 512, to);
                if (random() % 8 != 0) torn.replace(begin, end - begin, log, begin, end - begin);
            }
            const LogReport report = scan(torn);
            EXPECT_EQ(report.state, State::sound) << "run " << run;
            EXPECT_GE(report.frames, commits[transaction] + 1);
        }
    }
}

TEST(LogScan, ALogCutOffAnywhereIsSoundUpToItsLastCommit) {
    for (std::size_t size = 0; size <= fresh_log().size(); size += 4096 + 17)
        EXPECT_EQ(scan(fresh_log().substr(0, std::max(size, kLogHeader))).state, State::sound) << size;
}

TEST(LogScan, WithoutItsHeaderALogIsKnownByItsFrames) {
    for (const std::size_t gone : {kLogHeader, std::size_t{512}, std::size_t{20'000}}) {
        std::string damaged = fresh_log();
        damaged.replace(0, gone, gone, '\x11');
        const LogReport report = scan(damaged);
        ASSERT_EQ(report.state, State::damaged) << gone;
        EXPECT_FALSE(report.exact);
        EXPECT_EQ(report.frames, frames_in(fresh_log()));
        EXPECT_EQ(scan(rewritten(damaged, report)).state, State::sound);
    }
}

TEST(LogScan, AnOlderLogUnderAYoungerOneIsNotBroughtBack) {
    // One frame of a younger log was written, and the header is gone.
    std::string damaged = fresh_log();
    damaged.replace(0, kLogHeader, kLogHeader, '\x11');
    for (std::size_t at = frame_at(0) + 8 + 3;; --at)  // its first salt is one more
        if (++damaged[at] != 0) break;
    EXPECT_EQ(scan(damaged).state, State::unreadable);
}

TEST(LogScan, WhatIsNoLogIsUnreadableAndZeroesAreNothing) {
    std::mt19937 random(10);
    std::string noise(kLogHeader + 5 * kLogFrame, '\0');
    EXPECT_EQ(scan(noise).state, State::sound);
    for (char& byte : noise) byte = static_cast<char>(random());
    EXPECT_EQ(scan(noise).state, State::unreadable);
    EXPECT_EQ(scan(noise.substr(0, 100)).state, State::sound) << "no frame, no commit";
}

}  // namespace
}  // namespace respand::spool
