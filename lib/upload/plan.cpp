#include "upload/plan.hpp"

#include <algorithm>

#include "spool/chunk.hpp"

namespace respand::upload {
namespace {

class Planner {
  public:
    explicit Planner(const View& view) : v_(view), create_open_(view.create_open) {
        // A call that is held back for long (told to wait for a minute, say) is as good as none meanwhile.
        if (usable(create_open_) && usable(v_.bulk_open) &&
            create_open_ > std::max(v_.now, v_.bulk_open) + v_.linger) {
            wake(create_open_);
            create_open_ = kNever;
        }
    }

    Move decide() {
        if (auto move = from_hand(false)) return *move;
        if (auto move = from_source()) return *move;
        const bool others_come = v_.fetching || (v_.waiting > 0 && !v_.source_dry && v_.room);
        if (!others_come) {
            if (auto move = from_hand(true)) return *move;
        }
        return wait_;
    }

  private:
    static bool usable(SteadyTime open) { return open != kNever; }
    bool open(SteadyTime when) const { return when <= v_.now; }
    void wake(SteadyTime when) {
        if (!usable(when) || open(when)) return;
        if (!wait_.again_at || when < *wait_.again_at) wait_.again_at = when;
    }
    void wait_for_bulk() {
        wake(v_.bulk_open);
        wait_.paced = true;
    }
    /// A /create/ request may start without keeping the next bulk request waiting for a connection.
    bool spare() const {
        return !usable(v_.bulk_open) || v_.free > 1 || v_.now + v_.create_takes <= v_.bulk_open;
    }
    static Move send(std::size_t at, Endpoint endpoint, std::size_t records) {
        return {.what = Move::What::send, .endpoint = endpoint, .at = at, .max_records = records};
    }
    static Move fetch(Endpoint endpoint, Order order = Order::oldest) {
        const std::size_t records = endpoint == Endpoint::bulk ? spool::kMaxChunkRecords : 1;
        return {.what = Move::What::fetch, .endpoint = endpoint, .max_records = records, .order = order};
    }

    std::optional<Move> from_hand(bool deferred) {
        for (std::size_t i = 0; i < v_.in_hand.size(); ++i) {
            const InHand& batch = v_.in_hand[i];
            if (batch.deferred != deferred) continue;
            if (deferred && !open(batch.not_before)) {
                wake(batch.not_before);
                continue;
            }
            if (auto move = send_one_of(i, batch)) return move;
        }
        return {};
    }

    std::optional<Move> send_one_of(std::size_t at, const InHand& batch) {
        const bool small = batch.records == 1 || (batch.suspect && batch.records <= kFewSuspects);
        if (usable(create_open_) && (small || !usable(v_.bulk_open))) {
            if (open(create_open_)) return send(at, Endpoint::create, 1);
            wake(create_open_);
            return {};
        }
        if (!usable(v_.bulk_open)) return {};
        if (open(v_.bulk_open)) return send(at, Endpoint::bulk, spool::kMaxChunkRecords);
        wait_for_bulk();
        if (!usable(create_open_) || batch.suspect) return {};
        if (open(create_open_) && spare()) return send(at, Endpoint::create, 1);
        wake(create_open_);
        return {};
    }

    std::optional<Move> from_source() {
        if (v_.fetching || v_.source_dry) return {};
        if (!usable(create_open_) && !usable(v_.bulk_open)) return {};
        // Nothing is known to wait: asking once makes the source tell when there is something.
        if (v_.waiting == 0) return fetch(usable(create_open_) ? Endpoint::create : Endpoint::bulk);
        if (!usable(create_open_)) return bulk_alone();
        const bool backlog = usable(v_.bulk_open) && is_backlog(v_);
        if (backlog && v_.room) {
            if (open(v_.bulk_open)) return fetch(Endpoint::bulk);
            wait_for_bulk();
        }
        if (open(create_open_) && (!backlog || spare())) {
            const bool newest = (backlog || v_.witness_wanted) && !v_.newest_dry;
            return fetch(Endpoint::create, newest ? Order::newest : Order::oldest);
        }
        wake(create_open_);
        return {};
    }

    std::optional<Move> bulk_alone() {
        if (!v_.room) return {};
        if (!open(v_.bulk_open)) {
            wait_for_bulk();
            return {};
        }
        const SteadyTime full_enough = v_.waiting_since + v_.linger;
        if (v_.waiting >= spool::kMaxChunkRecords || v_.now >= full_enough) return fetch(Endpoint::bulk);
        wake(std::min<SteadyTime>(full_enough, v_.now + kLingerPoll));
        return {};
    }

    const View& v_;
    SteadyTime create_open_;
    Move wait_;
};

}  // namespace

bool is_backlog(const View& view) {
    if (view.waiting > kFewRecords) return true;
    if (view.waiting <= view.free) return false;  // One request each, all at once: nothing is sooner.
    const auto rounds = (view.waiting + view.width - 1) / view.width;
    return view.create_takes * static_cast<std::int64_t>(rounds) > view.linger;
}

Move plan(const View& view) { return Planner(view).decide(); }

}  // namespace respand::upload
