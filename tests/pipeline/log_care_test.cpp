// When the log is moved, decided by sizes alone: a writer that never rests, a pass that takes its time, a
// reader in the way.
#include "pipeline/log_care.hpp"

#include <gtest/gtest.h>

namespace respand::pipeline {
namespace {

using Next = LogCare::Next;

TEST(LogCare, LeavesAShortLogAlone) {
    LogCare care;
    EXPECT_EQ(care.after_commit(1_MiB), Next::nothing);
    EXPECT_EQ(care.after_commit(7_MiB), Next::nothing);
}

TEST(LogCare, MakesOnePassAtATime) {
    LogCare care;
    EXPECT_EQ(care.after_commit(8_MiB), Next::pass);
    EXPECT_EQ(care.after_commit(20_MiB), Next::nothing);
    care.moved(8_MiB);
    EXPECT_EQ(care.after_commit(21_MiB), Next::pass);
}

TEST(LogCare, ALongLogIsFinishedByTheWriterOnceLittleIsLeft) {
    LogCare care;
    EXPECT_EQ(care.after_commit(41_MiB), Next::pass);
    care.moved(41_MiB);
    EXPECT_EQ(care.after_commit(44_MiB), Next::finish);
    care.moved(44_MiB);
    EXPECT_EQ(care.after_commit(1_MiB), Next::nothing) << "it has started again";
    EXPECT_EQ(care.after_commit(9_MiB), Next::pass) << "and nothing of it counts as moved";
}

TEST(LogCare, AReaderInTheWayDoesNotMakeEveryCommitFinish) {
    LogCare care;
    int finishes = 0;
    for (std::uint64_t mib = 1; mib <= 120; ++mib) {
        switch (care.after_commit(ByteCount{mib << 20})) {
            case Next::nothing:
                break;
            case Next::pass:
                care.moved(ByteCount{mib << 20});
                break;
            case Next::finish:
                ++finishes;
                care.moved(ByteCount{mib << 20});  // all is moved, and the log still can't start again
                break;
        }
    }
    EXPECT_GT(finishes, 2);
    EXPECT_LT(finishes, 12);
}

TEST(LogCare, WhatWasMovedOfAnEarlierLogDoesNotCount) {
    LogCare care;
    EXPECT_EQ(care.after_commit(30_MiB), Next::pass);
    EXPECT_EQ(care.after_commit(2_MiB), Next::nothing);
    care.moved(30_MiB);
    EXPECT_EQ(care.after_commit(10_MiB), Next::pass);
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
    EXPECT_LT(longest, 64U);
    EXPECT_GT(restarts, 20U);
}

}  // namespace
}  // namespace respand::pipeline
