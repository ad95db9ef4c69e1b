#include "pipeline/queue_keeper.hpp"

#include <utility>

namespace respand::pipeline {

QueueKeeper::QueueKeeper(SpoolWriter& writer, Intake& intake, const spool::SpoolSettings& settings,
                         const Clock& clock, std::function<Held()> held)
    : writer_(writer), intake_(intake), settings_(settings), clock_(clock), held_(std::move(held)) {}

void QueueKeeper::look() {
    if (busy_ || writer_.stuck()) return;
    busy_ = make_room() || expire() || forget();
}

/// True when a step was begun.
bool QueueKeeper::make_room() {
    const ByteCount wanted = intake_.admission().to_free(intake_.live());
    if (wanted.value == 0 || (all_held_ && clock_.steady() < again_at_)) return false;
    writer_.ask([bytes = wanted.value, held = held_()](
                    spool::Spool& spool) { return spool.drop_oldest(0, bytes, held.on_spool_thread()); },
                [this](const Result<spool::QueueStep>& step) {
                    all_held_ = step && step->records == 0;
                    again_at_ = clock_.steady() + kInterval;
                    stepped(step, "discarded to make room (drop_oldest)");
                });
    return true;
}

bool QueueKeeper::expire() {
    if (settings_.max_age.count() == 0 || clock_.steady() < expire_at_) return false;
    writer_.ask([age = settings_.max_age,
                 held = held_()](spool::Spool& spool) { return spool.expire(age, held.on_spool_thread()); },
                [this](const Result<spool::QueueStep>& step) {
                    if (!step || !step->more) expire_at_ = clock_.steady() + kInterval;
                    stepped(step, "discarded: they waited longer than max_age");
                });
    return true;
}

bool QueueKeeper::forget() {
    if (intake_.duplicates() == nullptr || clock_.steady() < forget_at_) return false;
    writer_.ask([window = settings_.duplicate_window, rows = settings_.duplicate_ids](
                    spool::Spool& spool) { return spool.expire_seen(window, rows); },
                [this](const Result<std::vector<spool::RecordHash>>& gone) {
                    if (gone) intake_.duplicates()->forget(*gone);
                    if (!gone || gone->empty()) forget_at_ = clock_.steady() + kInterval;
                    stepped(gone ? Result<spool::QueueStep>() : std::unexpected(gone.error()), "");
                });
    return true;
}

void QueueKeeper::stepped(const Result<spool::QueueStep>& step, const char* what) {
    busy_ = false;
    if (!step) {
        if (fault_log_.allow(clock_.steady()))
            spdlog::error("the queue could not be looked after: {}; next try in {} s{}", step.error().message,
                          kInterval.count(), fault_log_.suffix());
        return;
    }
    if (step->records > 0 && discard_log_.allow(clock_.steady()))
        spdlog::warn("{} records {}{}", step->records, what, discard_log_.suffix());
    if (step->records > 0) writer_.refresh();
    look();
}

}  // namespace respand::pipeline
