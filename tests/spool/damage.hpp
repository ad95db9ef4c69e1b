// Damaged files: making them, and what must hold when one was opened.
#pragma once
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "fixture.hpp"

namespace respand::spool {

inline std::string contents(const std::string& path) {
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    std::string bytes(none ? 0 : size, '\0');
    std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

inline void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What a spool held before it was damaged.
struct Healthy {
    std::string file, log;          ///< bytes; the log is empty when it was check-pointed
    std::set<std::string> pending;  ///< records
    std::set<std::string> dead;
    std::set<std::string> delivered;
};

/// A record that no other is like.
inline std::string record(int number, std::size_t size) {
    std::string text = "{\"n\":" + std::to_string(number) + ",\"text\":\"";
    for (std::size_t i = 0; i < size; ++i)
        text += static_cast<char>('a' + (static_cast<std::size_t>(number) * 7 + i * i) % 26);
    return text + "\"}";
}

/// Some chunks of all sizes, one settled in part, one delivered, two dead letters.
inline Healthy make_healthy(bool checkpointed) {
    test::TempDir dir(test::memory_directory());
    Healthy healthy;
    auto spool = open(dir);
    int number = 0;
    for (int i = 0; i < 18; ++i) {
        std::vector<std::string> records;
        for (int j = 0; j <= i % 4; ++j) {
            records.push_back(record(number, static_cast<std::size_t>((number % 9) * 900)));
            ++number;
        }
        healthy.pending.insert(records.begin(), records.end());
        EXPECT_TRUE(spool->commit(appending({chunk_of(records)})));
    }
    Changes changes;
    const auto chunks = spool->read(kDefaultLane, 0, 1'000, 1 << 20);
    for (const std::size_t at : {3U, 5U}) {
        const Chunk& chunk = chunks->at(at);
        changes.delivered.push_back({chunk.id, static_cast<std::uint32_t>(chunk.records()), 0, 1});
        changes.parked.push_back(parking(chunk, 1));
        healthy.delivered.insert(records_of(chunk)[0]);
        healthy.dead.insert(records_of(chunk)[1]);
    }
    changes.delivered.push_back({chunks->at(0).id, 1, 0, 1});
    healthy.delivered.insert(records_of(chunks->at(0))[0]);
    EXPECT_TRUE(spool->commit(changes));
    for (const auto* gone : {&healthy.dead, &healthy.delivered})
        for (const std::string& text : *gone) healthy.pending.erase(text);
    EXPECT_EQ(pending(*spool).size(), healthy.pending.size());
    if (checkpointed) {
        EXPECT_TRUE(spool->checkpoint());
    }
    healthy.file = contents(dir.file("spool.db"));
    healthy.log = contents(dir.file("spool.db-wal"));
    return healthy;
}

/// The file that was set aside, without its log; empty: none was.
inline std::string set_aside(const test::TempDir& dir) {
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
        const std::string name = entry.path().string();
        if (name.find(".damaged-") != std::string::npos && !name.ends_with("-wal") && !name.ends_with("-shm"))
            return name;
    }
    return {};
}

/// Reads to the end. A flip in a body that nobody looked at yet shows here: then the spool recovers.
inline void read_all(Spool& spool) {
    for (ChunkId after = 0;;) {
        const auto chunks =
            recovering(spool, [after](Spool& s) { return s.read(kDefaultLane, after, 10, 1 << 20); });
        ASSERT_TRUE(chunks) << chunks.error().message;
        if (chunks->empty()) return;
        after = chunks->back().id;
    }
}

/// Opens `file` (and `log`) and holds what comes of it against what was there. Returns the pending records.
inline std::size_t expect_rescued(const Healthy& healthy, const std::string& file,
                                  const std::string& log = {}) {
    test::TempDir dir(test::memory_directory());
    write(dir.file("spool.db"), file);
    if (!log.empty()) write(dir.file("spool.db-wal"), log);
    auto spool = open(dir);
    if (!spool) return 0;
    read_all(*spool);
    std::set<std::string> found;
    // A flipped bit in the number of a lane makes another lane of it, which is kept.
    for (const auto& [lane, unused] : spool->lanes())
        for (const std::string& text : pending(*spool, lane)) {
            EXPECT_TRUE(healthy.pending.contains(text) || healthy.delivered.contains(text) ||
                        healthy.dead.contains(text))
                << "a record that was never put in: " << text.substr(0, 60);
            EXPECT_TRUE(found.insert(text).second) << "twice: " << text.substr(0, 60);
        }
    expect_in_order(*spool);
    if (spool->rescued()) {
        EXPECT_EQ(contents(spool->rescued()->kept_as), file) << "the damaged file was changed";
        EXPECT_EQ(contents(spool->rescued()->kept_as + "-wal"), log);
    }
    EXPECT_TRUE(spool->commit(appending({chunk_of({"{\"new\":1}"})})));
    spool.reset();
    spool = open(dir);
    EXPECT_FALSE(spool->rescued()) << "damaged again";
    EXPECT_EQ(spool->totals().pending, found.size() + 1);
    expect_in_order(*spool);
    return found.size();
}

}  // namespace respand::spool
