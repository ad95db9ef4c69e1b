#include "pipeline/parking.hpp"

namespace respand::pipeline {
namespace {

/// A success that names the record among those it did not take. Everything else is called after its status.
std::string_view cause_of(int status) { return status >= 200 && status < 300 ? "row_refused" : ""; }

}  // namespace

void park(const upload::Settlement& settlement, std::deque<RecordNames>& names,
          std::vector<spool::Parked>& rows) {
    const upload::Slice& slice = settlement.slice;
    const spool::Chunk& chunk = *slice.chunk;
    std::size_t at = slice.offset;
    for (std::uint32_t i = slice.first; i < slice.first + slice.count; ++i) {
        spool::Parked& row = rows.emplace_back();
        row.chunk = chunk.id;
        row.chunk_records = static_cast<std::uint32_t>(chunk.records());
        row.index = i;
        row.lane = chunk.lane;
        row.created = chunk.created;
        row.status = settlement.status;
        row.answer = settlement.answer;
        row.attempts = slice.attempts;
        row.first_tried = slice.first_tried;
        row.body = std::string_view(chunk.body).substr(at, chunk.lengths[i]);
        row.cause = cause_of(settlement.status);
        const RecordNames& called = names.emplace_back(names_of(row.body));
        row.model = called.model;
        row.record_id = called.id;
        if (i < chunk.sources.size()) row.source = chunk.sources[i];
        at += chunk.lengths[i] + 1;
    }
}

}  // namespace respand::pipeline
