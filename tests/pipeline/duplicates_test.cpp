#include "pipeline/duplicates.hpp"

#include <gtest/gtest.h>

#include <set>

namespace respand::pipeline {
namespace {

using ingest::ListenerKind;
using ingest::Origin;

TEST(Duplicates, AnIdCountsForItsSenderAlone) {
    const Origin origins[] = {{ListenerKind::unix_stream, 7, 1000},
                              {ListenerKind::unix_stream, 7, 1001},
                              {ListenerKind::unix_datagram, 7, 1000},
                              {ListenerKind::udp, 0, static_cast<uid_t>(-1)}};
    std::set<spool::RecordHash> hashes;
    for (const Origin& origin : origins)
        for (const char* id : {"a", "b", "1000"}) hashes.insert(record_hash(origin, id));
    EXPECT_EQ(hashes.size(), std::size(origins) * 3);
    EXPECT_EQ(record_hash({ListenerKind::unix_stream, 8, 1000}, "a"), record_hash(origins[0], "a"))
        << "the same app after a restart has another pid";
}

TEST(Duplicates, AnIdIsTakenOnceUntilItIsForgotten) {
    DuplicateWindow window;
    const auto a = record_hash({}, "a"), b = record_hash({}, "b");
    EXPECT_TRUE(window.add(a));
    EXPECT_FALSE(window.add(a));
    EXPECT_TRUE(window.add(b));
    EXPECT_EQ(window.take_fresh(), (std::vector{a, b}));
    EXPECT_TRUE(window.take_fresh().empty());
    EXPECT_FALSE(window.add(a)) << "committed is still remembered";
    window.forget({a});
    EXPECT_TRUE(window.add(a));
    EXPECT_EQ(window.size(), 2U);
}

TEST(Duplicates, WhatTheSpoolRemembersCountsAfterARestart) {
    DuplicateWindow window;
    window.restore(record_hash({}, "a"));
    EXPECT_FALSE(window.add(record_hash({}, "a")));
    EXPECT_TRUE(window.take_fresh().empty());
}

}  // namespace
}  // namespace respand::pipeline
