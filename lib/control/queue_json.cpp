#include "control/queue_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/rfc3339.hpp"
#include "record/json_text.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json time_or_null(WallTime time) { return time == WallTime{} ? Json(nullptr) : Json(format_rfc3339(time)); }

std::string lane_name(spool::LaneId lane, const LaneNames& lanes) {
    const auto found = lanes.find(lane);
    return found == lanes.end() ? std::to_string(lane) : found->second;
}

/// A text of the record at its top level; null when it is none.
Json member(const Json& record, const char* name) {
    const auto found = record.find(name);
    return found == record.end() || found->is_structured() ? Json(nullptr) : *found;
}

/// The cost as a text, digit by digit as it stands in the record: a number of JSON would go through a double.
Json cost_of(const std::string& record) {
    const std::string_view cost = last_member(record, skip_white_space(record, 0), "cost");
    if (cost.empty() || cost == "null" || cost.front() == '{' || cost.front() == '[') return nullptr;
    if (cost.front() != '"') return std::string(cost);
    return Json::parse(cost, nullptr, false);
}

Json parsed(const std::string& text) {
    Json record = Json::parse(text, nullptr, false);
    return record.is_object() ? record : Json::object();
}

Json record_facts(const pipeline::QueuedRecord& record, const LaneNames& lanes) {
    const Json json = parsed(record.text);
    return {{"id", text(record.place)},
            {"lane", lane_name(record.place.lane, lanes)},
            {"arrived", format_rfc3339(record.arrived)},
            {"model", member(json, "model")},
            {"custom_identifier", member(json, "custom_identifier")},
            {"cost", cost_of(record.text)},
            {"bytes", record.text.size()}};
}

Json letter_facts(const spool::DeadLetter& letter, const LaneNames& lanes) {
    return {{"id", letter.id},
            {"lane", lane_name(letter.lane, lanes)},
            {"cause", letter.cause},
            {"status", letter.status},
            {"attempts", letter.attempts},
            {"arrived", time_or_null(letter.created)},
            {"first_tried", time_or_null(letter.first_tried)},
            {"parked", time_or_null(letter.parked)},
            {"model", letter.model},
            {"record_id", letter.record_id},
            {"bytes", letter.bytes},
            {"answer", letter.answer}};
}

Json price_json(spool::SourceId id, const std::vector<spool::Source>& sources) {
    const auto found = std::ranges::find(sources, id, &spool::Source::id);
    if (id == spool::kNoSource || found == sources.end()) return nullptr;
    return {{"table", found->table_id},
            {"version", found->table_version},
            {"key", found->key},
            {"rule", found->rule}};
}

}  // namespace

std::string queue_json(const SpoolPage& page) {
    Json records = Json::array();
    for (const auto& record : page.page.records) records.push_back(record_facts(record, page.lanes));
    return dump(
        {{"records", records}, {"next", page.page.next ? Json(text(*page.page.next)) : Json(nullptr)}});
}

std::string queued_record_json(const pipeline::QueuedRecord& record,
                               const std::vector<spool::Source>& sources, const LaneNames& lanes) {
    Json json = record_facts(record, lanes);
    json["price"] = price_json(record.source, sources);
    json["record"] = record.text;
    return dump(json);
}

std::string dead_json(const std::vector<spool::DeadLetter>& letters, const LaneNames& lanes) {
    Json dead = Json::array();
    for (const spool::DeadLetter& letter : letters) dead.push_back(letter_facts(letter, lanes));
    return dump({{"dead", dead}});
}

std::string dead_letter_json(const spool::DeadLetter& letter, const std::vector<spool::Source>& sources,
                             const LaneNames& lanes) {
    Json json = letter_facts(letter, lanes);
    json["price"] = price_json(letter.source, sources);
    json["record"] = letter.body;
    return dump(json);
}

std::string changed_json(std::uint64_t records) { return dump({{"records", records}}); }

}  // namespace respand::control
