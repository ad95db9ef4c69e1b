// A record: one request-log object as an app sent it, checked, cleaned of secrets, with the facts we act on.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "record/usage.hpp"

namespace respand {

/// Why a record was refused. Counted by these names in the ledger.
enum class RejectReason : std::uint8_t {
    empty,      ///< no bytes (and no memfd)
    too_large,  ///< over kMaxRecordBytes
    truncated,  ///< the kernel cut the datagram, or a stream ended in the middle of a record
    not_utf8,
    not_json,
    too_deep,  ///< nested deeper than kMaxRecordDepth
    not_object,
    no_model,       ///< `model` is missing, not a string, or empty
    duplicate_key,  ///< a key that respand reads stands twice: which one counts would be a guess
    bad_memfd,      ///< a passed file descriptor that is no sealed memfd
};
inline constexpr std::size_t kRejectReasons = 10;

/// "too_large": the label of the counter and of the ledger row.
std::string_view name(RejectReason reason);
/// One sentence for the app's developer: what was wrong and what is expected.
std::string_view describe(RejectReason reason);

/// The server takes 20 MB for one log with all its fields (decimal megabytes, to be on the safe side)…
inline constexpr std::size_t kMaxLogBytes = 20'000'000;
/// …of which this much is kept for the fields we add (timestamp, custom_identifier, cost, metadata of the
/// price).
inline constexpr std::size_t kAddedFieldsReserve = 1'024;
/// The largest record that is accepted.
inline constexpr std::size_t kMaxRecordBytes = kMaxLogBytes - kAddedFieldsReserve;
/// Deepest nesting of objects and arrays, the record itself included.
inline constexpr std::size_t kMaxRecordDepth = 64;
/// Readable bytes that must follow the text of a record in memory (simdjson reads ahead); their value is of
/// no matter.
inline constexpr std::size_t kRecordPadding = 64;

/// What the rest of the program needs to know of a record. The views live as long as the parser's next call.
struct RecordFacts {
    std::string_view model;  ///< as sent, never empty
    /// Who it is billed to: `customer_identifier`, else `customer_params.customer_identifier`; empty: nobody.
    std::string_view customer;
    std::string_view provider;   ///< `provider_id`/`provider` when the app sent it, else empty
    bool has_cost = false;       ///< the app sent a `cost` (a number, or the text of one): it is kept
    bool has_timestamp = false;  ///< a `timestamp` that is not null stands in the record
    bool has_custom_identifier = false;
    /// `record_id` when the app sent one (a text): the same id from the same sender is accepted once. Else
    /// empty.
    std::string_view record_id;
    /// Time that decides which dated price holds: `timestamp`, else `start_time`, as text or as a number
    /// since 1970; empty: use the arrival.
    std::optional<WallTime> time;
    UsageState usage_state = UsageState::absent;
    TokenUsage usage;  ///< valid when usage_state is present
    UnitUsage units;   ///< valid when usage_state is present
    CallEnd end = CallEnd::succeeded;
    ServiceTier service_tier = ServiceTier::standard;
    /// The hardware that the record says it ran on ("gpu-t4", lower case or not), else empty.
    std::string_view hardware;
    /// What the provider itself said it cost (`usage.cost`, `usage.cost.total_cost`), as decimal text; empty:
    /// nothing.
    std::string_view provider_cost;
};

}  // namespace respand
