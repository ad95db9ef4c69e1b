// What a lane does next: which call, which records, or until when it waits. Pure.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "upload/batch_source.hpp"
#include "upload/endpoint.hpp"

namespace respand::upload {

/// A gate that does not open: the call is not to be used.
inline constexpr SteadyTime kNever = SteadyTime::max();
/// While a bulk batch lingers, how often it is looked at whether it is full meanwhile.
inline constexpr std::chrono::milliseconds kLingerPoll{50};
/// More records than this are a backlog: they fill a bulk request well enough to be worth one of the few that
/// the API allows.
inline constexpr std::uint64_t kFewRecords = 32;
/// What is left of a batch that was refused as a whole goes through /create/ when it is this small: as many
/// requests as halving would take, without waiting for bulk's pace.
inline constexpr std::size_t kFewSuspects = 4;

/// A batch in hand: fetched, not under way.
struct InHand {
    std::size_t records = 0;
    /// Was refused as a whole, or is part of one that was: must not be mixed with others.
    bool suspect = false;
    /// Others go first: a refused record that waits for something to pass, or a retry over the budget.
    bool deferred = false;
    SteadyTime not_before = SteadyTime::min();  ///< deferred: nor before this
};

/// All that the decision depends on.
struct View {
    SteadyTime now{};
    SteadyTime create_open = kNever, bulk_open = kNever;  ///< when the next request to it may start
    std::uint32_t free = 1;                               ///< requests that may start now; at least 1
    std::uint32_t width = 1;                              ///< requests that may be in flight together
    std::span<const InHand> in_hand;                      ///< oldest first
    bool fetching = false;                                ///< a fetch is under way: no second one
    bool source_dry = false;                              ///< the last fetch brought nothing
    bool room = true;             ///< few enough batches in hand to fetch one more of many records
    std::uint64_t waiting = 0;    ///< records in the source
    SteadyTime waiting_since{};   ///< how long some wait there
    bool newest_dry = false;      ///< the last fetch of the newest brought nothing
    bool witness_wanted = false;  ///< the oldest may all be bad: try one from the other end
    std::chrono::microseconds create_takes{};  ///< a /create/ request, as measured
    std::chrono::microseconds linger{};
};

struct Move {
    enum class What : std::uint8_t { wait, send, fetch } what = What::wait;
    Endpoint endpoint = Endpoint::create;
    std::size_t at = 0;                                 ///< send: which of in_hand
    std::size_t max_records = 1;                        ///< send, fetch
    Order order = Order::oldest;                        ///< fetch
    std::optional<SteadyTime> again_at = std::nullopt;  ///< wait: when time alone changes the answer
    bool paced = false;                                 ///< wait: for bulk's pace, with records to send
};

/// Whether what waits is more than /create/ clears soon: over kFewRecords, or over what it can send in
/// `linger`. Never when there is a connection for each.
bool is_backlog(const View& view);

/// The rule, in order:
/// 1. What is in hand goes before what is not, oldest first. A lone record and the last few suspects go
/// through
///    /create/, larger batches through /bulk/ when its pace allows; a batch that waits for that loses records
///    from its front to /create/ connections that have nothing else to do.
/// 2. A few records are fetched one by one for /create/, at once.
/// 3. A backlog is fetched for /bulk/, oldest first, as soon as its pace allows. /create/ goes on beside it,
/// with
///    the newest records when the source can tell them, else with the oldest; it leaves one connection to
///    /bulk/ unless it will be done before that may start.
/// 4. With one call only, everything goes through it; for /bulk/ alone, a batch waits until it is full or
/// lingered.
/// 5. What is deferred goes when there is nothing else.
Move plan(const View& view);

}  // namespace respand::upload
