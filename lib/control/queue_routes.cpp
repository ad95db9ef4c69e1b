#include "control/queue_routes.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/rfc3339.hpp"
#include "control/queue_json.hpp"
#include "pipeline/queue_view.hpp"

namespace respand::control {
namespace {

using pipeline::QueuePage;
using pipeline::QueuePlace;
using pipeline::SpoolWriter;

/// What /queue and /queue/export are asked for.
struct QueueQuestion {
    QueuePlace from;
    std::optional<spool::LaneId> lane;
    std::uint64_t limit = 0;
};

Result<QueueQuestion> queue_question(const Request& request, std::uint64_t usual) {
    QueueQuestion question;
    const auto limit = request.number("limit", usual, pipeline::kQueuePageRecords);
    if (!limit) return std::unexpected(limit.error());
    question.limit = *limit;
    if (const auto from = request.parameter("from")) {
        const auto place = pipeline::parse_place(*from);
        if (!place) return std::unexpected(place.error());
        question.from = *place;
    }
    return question;
}

/// Asks the spool for a page and answers with what `tell` makes of it.
template <class Tell>
void answer_page(SpoolWriter& writer, const Request& request, std::uint64_t usual, Answer answer, Tell tell) {
    const auto question = queue_question(request, usual);
    if (!question) return answer(failure(question.error()));
    writer.ask(
        [question = *question, lane = request.parameter("lane")](spool::Spool& spool) -> Result<SpoolPage> {
            QueueQuestion asked = question;
            if (lane) {
                const auto id = lane_named(spool, *lane);
                if (!id) return std::unexpected(id.error());
                asked.lane = *id;
            }
            auto page = pipeline::queue_page(spool, asked.from, asked.lane, asked.limit);
            if (!page) return std::unexpected(page.error());
            return SpoolPage{std::move(*page), spool.lanes()};
        },
        [answer = std::move(answer), tell](const Result<SpoolPage>& page) {
            answer(page ? tell(*page) : failure(page.error()));
        });
}

}  // namespace

void add_queue_routes(Router& router, SpoolWriter& writer) {
    router.add("GET", "/queue", "pending records: from, lane, limit",
               [&writer](const Request& request, Answer answer) {
                   answer_page(writer, request, kListed, std::move(answer),
                               [](const SpoolPage& page) { return Response{.body = queue_json(page)}; });
               });
    router.add(
        "GET", "/queue/export", "pending records as they will be posted, one a line: from, lane, limit",
        [&writer](const Request& request, Answer answer) {
            answer_page(writer, request, pipeline::kQueuePageRecords, std::move(answer),
                        [](const SpoolPage& page) {
                            std::vector<std::string> records;
                            for (const auto& record : page.page.records) records.push_back(record.text);
                            return Response{
                                .content_type = "application/x-ndjson",
                                .body = export_page(page.page.next ? text(*page.page.next) : "", records)};
                        });
        });
    router.add(
        "GET", "/queue/show", "one pending record: id", [&writer](const Request& request, Answer answer) {
            const auto place = pipeline::parse_place(request.parameter("id").value_or(""));
            if (!place) return answer(failure(place.error()));
            writer.ask(
                [place = *place](spool::Spool& spool) -> Result<std::string> {
                    const auto record = pipeline::queued_record(spool, place);
                    if (!record) return std::unexpected(record.error());
                    if (!*record)
                        return fail(
                            ErrorKind::no_input,
                            "no record is pending at " + text(place) +
                                ": it was delivered, refused or moved meanwhile, or never stood there");
                    const auto sources = spool.sources();
                    if (!sources) return std::unexpected(sources.error());
                    return queued_record_json(**record, *sources, spool.lanes());
                },
                [answer](Result<std::string> body) {
                    answer(body ? Response{.body = std::move(*body)} : failure(body.error()));
                });
        });
}

std::string export_page(const std::string& next, const std::vector<std::string>& records) {
    std::string body = next.empty() ? R"({"next":null})" : R"({"next":")" + next + R"("})";
    body += '\n';
    for (const std::string& record : records) {
        for (const char c : record) body += c == '\n' || c == '\r' ? ' ' : c;
        body += '\n';
    }
    return body;
}

Result<spool::LaneId> lane_named(const spool::Spool& spool, const std::string& name) {
    for (const auto& [id, known] : spool.lanes())
        if (known == name || std::to_string(id) == name) return id;
    return fail(ErrorKind::no_input,
                "there is no lane '" + name + "'; respanctl lane list tells which there are");
}

}  // namespace respand::control
