// When the log is moved, decided by sizes alone: a writer that never rests, a pass that takes its time, a
// reader in the way.
#include "pipeline/log_care.hpp"

#include <gtest/gtest.h>

#include "spool/spool.hpp"

namespace respand::pipeline {
namespace {

using Next = LogCare::Next;

constexpr ByteCount kPass = LogCare::kPass, kRestart = LogCare::kRestart, kLittle = LogCare::kLittle;

ByteCount operator+(ByteCount a, ByteCount b) { return {a.value + b.value}; }
ByteCount operator-(ByteCount a, ByteCount b) { return {a.value - b.value}; }

TEST(LogCare, LeavesAShortLogAlone) {
    LogCare care;
    EXPECT_EQ(care.after_commit(1_MiB), Next::nothing);
    EXPECT_EQ(care.after_commit(kPass - 1_MiB), Next::nothing);
}

TEST(LogCare, MakesOnePassAtATime) {
    LogCare care;
    EXPECT_EQ(care.after_commit(kPass), Next::pass);
    EXPECT_EQ(care.after_commit(kPass + kPass), Next::nothing);
    care.moved(kPass);
    EXPECT_EQ(care.after_commit(kPass + kPass + 1_MiB), Next::pass);
}

TEST(LogCare, ALongLogIsFinishedByTheWriterOnceLittleIsLeft) {
    LogCare care;
    const ByteCount log = kRestart + 1_MiB;
    EXPECT_EQ(care.after_commit(log), Next::pass);
    care.moved(log);
    EXPECT_EQ(care.after_commit(log + kLittle), Next::finish);
    care.moved(log + kLittle);
    EXPECT_EQ(care.after_commit(1_MiB), Next::nothing) << "it has started again";
    EXPECT_EQ(care.after_commit(kPass + 1_MiB), Next::pass) << "and nothing of it counts as moved";
}

TEST(LogCare, AReaderInTheWayDoesNotMakeEveryCommitFinish) {
    LogCare care;
    int finishes = 0;
    for (ByteCount log = 1_MiB; log < kRestart + kPass + kPass + kPass; log = log + 1_MiB) {
        const Next next = care.after_commit(log);
        if (next == Next::finish) ++finishes;
        if (next != Next::nothing) care.moved(log);  // all is moved, and the log still can't start again
    }
    EXPECT_GE(finishes, 2);
    EXPECT_LE(finishes, 4);
}

TEST(LogCare, WhatWasMovedOfAnEarlierLogDoesNotCount) {
    LogCare care;
    EXPECT_EQ(care.after_commit(kPass + kPass), Next::pass);
    EXPECT_EQ(care.after_commit(2_MiB), Next::nothing);
    care.moved(kPass + kPass);
    EXPECT_EQ(care.after_commit(kPass + 2_MiB), Next::pass);
}

// A pass moves what it found when it began, and three times as fast as commits come.
TEST(LogCare, UnderAFloodTheLogKeepsStartingAgain) {
    LogCare care;
    std::uint64_t log = 0, pass_ends = 0, pass_moves = 0, longest = 0, restarts = 0;
    bool all_moved = false;
    for (std::uint64_t commit = 0; commit < 2'000; ++commit) {
        if (all_moved) {
            log = 0;
            ++restarts;
            all_moved = false;
        }
        log += 1;  // MiB
        longest = std::max(longest, log);
        if (pass_ends != 0 && commit >= pass_ends) {
            care.moved(ByteCount{pass_moves << 20});
            pass_ends = 0;
        }
        const Next next = care.after_commit(ByteCount{log << 20});
        if (next == Next::pass) {
            pass_moves = log;
            pass_ends = commit + 3;
        } else if (next == Next::finish) {
            care.moved(ByteCount{log << 20});
            all_moved = true;
        }
    }
    EXPECT_LT(longest << 20, spool::kWalLimit.value);
    EXPECT_GT(restarts, 10U);
}

}  // namespace
}  // namespace respand::pipeline
