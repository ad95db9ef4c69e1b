#include "sandbox/server/tally.hpp"

#include <algorithm>

namespace respand::sandbox {

void LogRing::push(std::string_view log) {
    logs_.emplace_back(log);
    bytes_ += log.size();
    while (logs_.size() > kMaxLogs || (bytes_ > kMaxBytes && logs_.size() > 1)) {
        bytes_ -= logs_.front().size();
        logs_.pop_front();
    }
}

std::string LogRing::json(std::size_t limit) const {
    std::string out = "[";
    for (std::size_t i = logs_.size() - std::min(limit, logs_.size()); i < logs_.size(); ++i) {
        if (out.size() > 1) out += ",\n";
        out += logs_[i];
    }
    return out + "]";
}

void Tally::accept(std::string_view log, std::string_view id) {
    const std::uint64_t now = monotonic_ns();
    ++stats.rows_received;
    ++stats.rows_accepted;
    logs_.push(log);
    if (id.empty()) {
        ++stats.rows_without_id;
        note_arrival(now);
        return;
    }
    switch (ids_.insert(id)) {
        case IdSet::Seen::fresh:
            ++stats.unique_ids;
            tokens_.scan(id, now);
            note_arrival(now);
            break;
        case IdSet::Seen::duplicate:
            ++stats.duplicate_ids;
            break;
        case IdSet::Seen::full:
            ++stats.untracked_ids;
            break;
    }
}

std::uint64_t Tally::accept_unparsed(std::string_view body) {
    const std::uint64_t now = monotonic_ns();
    const TokenTracker::Scan scan = tokens_.scan(body, now);
    std::uint64_t rows = scan.tokens;
    if (rows > 0) {
        stats.unique_ids += scan.fresh;
        stats.untracked_ids += scan.untracked;
        stats.duplicate_ids += scan.tokens - scan.fresh - scan.untracked;
    } else {
        constexpr std::string_view kKey = "\"custom_identifier\"";
        for (auto at = body.find(kKey); at != std::string_view::npos; at = body.find(kKey, at + kKey.size()))
            ++rows;
        stats.untracked_ids += rows;
    }
    stats.rows_received += rows;
    stats.rows_accepted += rows;
    if (rows > 0 && (scan.tokens == 0 || scan.fresh > 0)) note_arrival(now);
    return rows;
}

Stats Tally::snapshot() const {
    Stats out = stats;
    const Histogram& latency = tokens_.latency();
    const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1e3; };
    out.latency_us = {latency.count(),
                      latency.mean() / 1e3,
                      us(latency.percentile(50)),
                      us(latency.percentile(90)),
                      us(latency.percentile(99)),
                      us(latency.percentile(99.9)),
                      us(latency.max())};
    out.missing_ids = tokens_.missing();
    if (logs_.last() != nullptr && logs_.last()->size() <= kMaxLastLog) out.last_log = *logs_.last();
    return out;
}

void Tally::note_arrival(std::uint64_t now_ns) {
    if (stats.t_first_ns == 0) stats.t_first_ns = now_ns;
    stats.t_last_ns = now_ns;
}

}  // namespace respand::sandbox
