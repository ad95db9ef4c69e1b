// Dead letters: looked at, requeued, thrown away.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/rfc3339.hpp"
#include "control/queue_json.hpp"
#include "control/queue_routes.hpp"

namespace respand::control {
namespace {

using pipeline::SpoolWriter;

Result<spool::DeadFilter> dead_filter(const Request& request) {
    spool::DeadFilter filter;
    if (const auto ids = request.parameter("ids")) {
        for (std::size_t at = 0; at <= ids->size();) {
            const std::size_t end = std::min(ids->find(',', at), ids->size());
            const Request one{{}, {}, {{"ids", ids->substr(at, end - at)}}, {}};
            const auto id = one.number("ids", 0, INT64_MAX);
            if (!id) return std::unexpected(id.error());
            filter.ids.push_back(static_cast<spool::DeadLetterId>(*id));
            at = end + 1;
        }
    }
    filter.cause = request.parameter("cause");
    filter.model = request.parameter("model");
    for (const auto& [name, time] :
         {std::pair{"parked_from", &filter.parked_from}, {"parked_before", &filter.parked_before}}) {
        const auto given = request.parameter(name);
        if (!given) continue;
        *time = parse_rfc3339(*given);
        if (!*time)
            return fail(ErrorKind::usage, std::string("parameter ") + name + " is '" + *given +
                                              "', expected a time like 2026-11-22T10:00:00Z");
    }
    const auto after = request.number("after", 0, INT64_MAX);
    if (!after) return std::unexpected(after.error());
    filter.after = static_cast<spool::DeadLetterId>(*after);
    return filter;
}

/// The filter with the lane that the request names.
Result<spool::DeadFilter> with_lane(spool::DeadFilter filter, const std::optional<std::string>& lane,
                                    const spool::Spool& spool) {
    if (!lane) return filter;
    const auto id = lane_named(spool, *lane);
    if (!id) return std::unexpected(id.error());
    filter.lane = *id;
    return filter;
}

void list_dead(SpoolWriter& writer, const Request& request, Answer answer) {
    const auto filter = dead_filter(request);
    if (!filter) return answer(failure(filter.error()));
    const auto limit = request.number("limit", kListed, pipeline::kQueuePageRecords);
    if (!limit) return answer(failure(limit.error()));
    const auto order = request.parameter("order").value_or("newest") == "oldest"
                           ? spool::DeadOrder::oldest_first
                           : spool::DeadOrder::newest_first;
    writer.ask(
        [filter = *filter, limit = *limit, order,
         lane = request.parameter("lane")](spool::Spool& spool) -> Result<std::string> {
            const auto full = with_lane(filter, lane, spool);
            if (!full) return std::unexpected(full.error());
            const auto letters = spool.dead_letters(*full, limit, order);
            if (!letters) return std::unexpected(letters.error());
            return dead_json(*letters, spool.lanes());
        },
        [answer = std::move(answer)](Result<std::string> body) {
            answer(body ? Response{.body = std::move(*body)} : failure(body.error()));
        });
}

void show_dead(SpoolWriter& writer, const Request& request, Answer answer) {
    const auto id = request.number("id", 0, INT64_MAX);
    if (!id) return answer(failure(id.error()));
    writer.ask(
        [id = static_cast<spool::DeadLetterId>(*id)](spool::Spool& spool) -> Result<std::string> {
            const auto letter = spool.dead_letter(id);
            if (!letter) return std::unexpected(letter.error());
            if (!*letter)
                return fail(ErrorKind::no_input, "there is no dead letter " + std::to_string(id) +
                                                     ": it was requeued or discarded, or never was");
            const auto sources = spool.sources();
            if (!sources) return std::unexpected(sources.error());
            return dead_letter_json(**letter, *sources, spool.lanes());
        },
        [answer = std::move(answer)](Result<std::string> body) {
            answer(body ? Response{.body = std::move(*body)} : failure(body.error()));
        });
}

/// Bodies of dead letters, oldest first, a page a call.
void export_dead(SpoolWriter& writer, const Request& request, Answer answer) {
    const auto filter = dead_filter(request);
    if (!filter) return answer(failure(filter.error()));
    writer.ask(
        [filter = *filter, lane = request.parameter("lane")](spool::Spool& spool) -> Result<std::string> {
            const auto full = with_lane(filter, lane, spool);
            if (!full) return std::unexpected(full.error());
            const auto letters =
                spool.dead_letters(*full, pipeline::kQueuePageRecords, spool::DeadOrder::oldest_first);
            if (!letters) return std::unexpected(letters.error());
            std::vector<std::string> records;
            std::size_t bytes = 0;
            std::string next;
            for (const spool::DeadLetter& letter : *letters) {
                if (!records.empty() && bytes + letter.bytes > pipeline::kQueuePageBytes) break;
                auto whole = spool.dead_letter(letter.id);
                if (!whole) return std::unexpected(whole.error());
                if (!*whole) continue;
                bytes += letter.bytes;
                records.push_back(std::move((*whole)->body));
                next = std::to_string(letter.id);
            }
            const bool last =
                records.size() == letters->size() && letters->size() < pipeline::kQueuePageRecords;
            return export_page(last ? "" : next, records);
        },
        [answer = std::move(answer)](Result<std::string> body) {
            answer(body ? Response{.content_type = "application/x-ndjson", .body = std::move(*body)}
                        : failure(body.error()));
        });
}

/// A change of many dead letters: one bounded step after the other, so that commits go on between them.
struct DeadChange : std::enable_shared_from_this<DeadChange> {
    using Step = std::function<Result<spool::DeadStep>(spool::Spool&, const spool::DeadFilter&)>;

    SpoolWriter& writer;
    spool::DeadFilter filter;
    std::optional<std::string> lane;
    Step step;
    std::function<void(std::uint64_t)> changed;
    Answer answer;
    bool began = false;
    std::uint64_t records = 0;

    DeadChange(SpoolWriter& the_writer, spool::DeadFilter the_filter, std::optional<std::string> the_lane,
               Step the_step, std::function<void(std::uint64_t)> on_change, Answer the_answer)
        : writer(the_writer),
          filter(std::move(the_filter)),
          lane(std::move(the_lane)),
          step(std::move(the_step)),
          changed(std::move(on_change)),
          answer(std::move(the_answer)) {}

    void run() {
        writer.ask([self = shared_from_this()](spool::Spool& spool) { return self->one_step(spool); },
                   [self = shared_from_this()](const Result<spool::DeadStep>& done) { self->stepped(done); });
    }

  private:
    /// Spool thread; nobody else looks at this object meanwhile.
    Result<spool::DeadStep> one_step(spool::Spool& spool) {
        if (!began) {
            began = true;
            auto full = with_lane(std::move(filter), lane, spool);
            if (!full) return std::unexpected(full.error());
            filter = std::move(*full);
            const auto last = spool.last_dead();
            if (!last) return std::unexpected(last.error());
            filter.up_to = *last;
        }
        return step(spool, filter);
    }

    void stepped(const Result<spool::DeadStep>& done) {
        if (!done) return answer(failure(done.error()));
        records += done->records;
        if (done->records > 0) changed(done->records);
        filter.after = done->last;
        if (done->more) return run();
        answer({.body = changed_json(records)});
    }
};

void change_dead(SpoolWriter& writer, const Request& request, DeadChange::Step step,
                 std::function<void(std::uint64_t)> changed, Answer answer) {
    auto filter = dead_filter(request);
    if (!filter) return answer(failure(filter.error()));
    const bool chosen = !filter->ids.empty() || filter->cause || filter->model || filter->parked_from ||
                        filter->parked_before || request.parameter("lane");
    if (!chosen && request.parameter("all").value_or("") != "1")
        return answer(failure({ErrorKind::usage, "which? Give ids, cause, model, lane or an age, or all=1"}));
    std::make_shared<DeadChange>(writer, std::move(*filter), request.parameter("lane"), std::move(step),
                                 std::move(changed), std::move(answer))
        ->run();
}

/// Who orders it, as the ledger will say: letters that a reason may hold, not too many of them.
std::string ordered_by(const Request& request) {
    constexpr std::size_t kMax = 32;
    std::string by = "operator";
    const std::string given = request.parameter("by").value_or("");
    if (!given.empty()) by += ":";
    for (const char c : given.substr(0, kMax)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.';
        by += plain ? c : '_';
    }
    return by;
}

}  // namespace

void add_dead_routes(Router& router, SpoolWriter& writer, std::function<void(std::uint64_t)> requeued) {
    router.add(
        "GET", "/dead",
        "dead letters: ids, cause, model, lane, parked_from, parked_before, after, limit, order",
        [&writer](const Request& request, Answer answer) { list_dead(writer, request, std::move(answer)); });
    router.add(
        "GET", "/dead/show", "one dead letter with its record: id",
        [&writer](const Request& request, Answer answer) { show_dead(writer, request, std::move(answer)); });
    router.add("GET", "/dead/export", "records of dead letters, one a line: as /dead",
               [&writer](const Request& request, Answer answer) {
                   export_dead(writer, request, std::move(answer));
               });
    router.add("POST", "/dead/requeue", "dead letters become pending again: as /dead, or all=1",
               [&writer, requeued](const Request& request, Answer answer) {
                   change_dead(
                       writer, request,
                       [by = ordered_by(request)](spool::Spool& spool, const spool::DeadFilter& filter) {
                           return spool.requeue(filter, by);
                       },
                       requeued, std::move(answer));
               });
    router.add("POST", "/dead/discard", "dead letters are thrown away: as /dead, or all=1",
               [&writer](const Request& request, Answer answer) {
                   change_dead(
                       writer, request,
                       [by = ordered_by(request)](spool::Spool& spool, const spool::DeadFilter& filter) {
                           return spool.discard(filter, by);
                       },
                       [](std::uint64_t) {}, std::move(answer));
               });
}

}  // namespace respand::control
