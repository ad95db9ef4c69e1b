// Records of the queue and dead letters as JSON. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/queue_view.hpp"
#include "spool/changes.hpp"
#include "spool/dead_letter.hpp"

namespace respand::control {

using LaneNames = std::map<spool::LaneId, std::string>;

/// A page of the queue with what its lanes are called.
struct SpoolPage {
    pipeline::QueuePage page;
    LaneNames lanes;
};

/// {"records":[{"id","lane","arrived","model","custom_identifier","cost","bytes"}],"next":id or null}.
std::string queue_json(const SpoolPage& page);
/// The same facts of one record, with "price" (where its price came from, or null) and "record" (its text).
std::string queued_record_json(const pipeline::QueuedRecord& record,
                               const std::vector<spool::Source>& sources, const LaneNames& lanes);

/// {"dead":[{"id","lane","cause","status","attempts","arrived","first_tried","parked","model","record_id",
/// "bytes","answer"}]}.
std::string dead_json(const std::vector<spool::DeadLetter>& letters, const LaneNames& lanes);
/// The same facts of one, with "price" and "record".
std::string dead_letter_json(const spool::DeadLetter& letter, const std::vector<spool::Source>& sources,
                             const LaneNames& lanes);
/// {"records":n}: what an order changed.
std::string changed_json(std::uint64_t records);

}  // namespace respand::control
