// What one transaction makes durable.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "spool/chunk.hpp"
#include "spool/ledger.hpp"

namespace respand::spool {

/// Where a price came from: a row of a version of a table, and the rule that led there. Interned, so that a
/// record carries four bytes of it.
struct Source {
    SourceId id = kNoSource;  ///< given by the caller, from Spool::next_source() upwards
    std::string table_id, table_version, key, rule;
    bool operator==(const Source&) const = default;
};
using NewSource = Source;

/// Records of a model that got their price, or none, in a certain way on a day of arrival.
struct Coverage {
    std::int64_t day = 0;  ///< since 1970-01-01, UTC
    std::string model;     ///< the spool keeps kMaxModelName bytes of it
    std::string outcome;   ///< "table", "app", "provider", "unknown_model", "no_rate", …
    std::uint64_t records = 0;
};

/// Identifies a record that a client must not send twice: a hash of origin and id.
using RecordHash = std::array<std::uint8_t, 16>;

/// A run of records of one chunk that the server took.
struct Delivered {
    ChunkId chunk = 0;
    std::uint32_t chunk_records = 0;  ///< records in the whole chunk
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

/// One record that the server refused for good. What the views point to must stay until commit() returns.
struct Parked {
    ChunkId chunk = 0;
    std::uint32_t chunk_records = 0;
    std::uint32_t index = 0;
    LaneId lane = kDefaultLane;
    WallTime created{};
    int status = 0;            ///< HTTP status
    std::string_view answer;   ///< what the server said; the spool keeps kMaxAnswer bytes of it
    std::string_view body;     ///< the record
    std::string_view cause{};  ///< "http_422", "row_refused", "too_large"; empty: "http_" and the status
    std::uint32_t attempts = 0;
    WallTime first_tried{};        ///< epoch: not known
    WallTime parked{};             ///< epoch: the spool's clock says
    std::string_view model{};      ///< empty: not known
    std::string_view record_id{};  ///< the record's id or custom_identifier; empty: not known
    SourceId source = kNoSource;
};

/// Everything that one transaction makes durable.
struct Changes {
    std::vector<NewChunk> append;
    std::vector<Delivered> delivered;
    std::vector<Parked> parked;
    Ledger ledger;  ///< amounts beside accepted, delivered and dead, which follow from the rows
    std::vector<NewSource> sources;  ///< those that `append` uses for the first time
    std::vector<Coverage> coverage;  ///< what is added to the figures of a day
    std::vector<RecordHash> seen;    ///< of records that are appended
    bool empty() const {
        return append.empty() && delivered.empty() && parked.empty() && ledger.empty() && sources.empty() &&
               coverage.empty() && seen.empty();
    }
};

/// Bytes of a server's answer that a dead letter keeps: its start tells what is wrong.
inline constexpr std::size_t kMaxAnswer = 4096;
/// Bytes of a model's name in dead letters and coverage. They come from outside; real ones have under 60.
inline constexpr std::size_t kMaxModelName = 128;
/// Bytes of a record's id in a dead letter.
inline constexpr std::size_t kMaxRecordId = 256;

}  // namespace respand::spool
