#include "upload/lane.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "upload/encode.hpp"

namespace respand::upload {

Lane::Lane(const Clock& clock, UploadSettings settings, spool::LaneId lane, BatchSource& source,
           Transport& transport, std::uint64_t jitter_seed, std::string name)
    : clock_(clock),
      settings_(std::move(settings)),
      lane_(lane),
      name_(std::move(name)),
      source_(source),
      transport_(transport),
      congestion_(settings_.max_connections, jitter_seed),
      pacer_(settings_.bulk_requests_per_minute),
      endpoints_(settings_.mode),
      health_(server()) {}

void Lane::start() {
    if (started_) return;
    started_ = true;
    pacer_.begin(clock_.steady(), congestion_.fraction());
    source_.on_available(lane_, [weak = std::weak_ptr<Lane*>(self_)] {
        const auto self = weak.lock();
        if (!self) return;
        Lane& lane = **self;
        lane.source_dry_ = lane.newest_dry_ = false;
        lane.woken_by_source_ = lane.fetching_;
        if (!lane.waiting_since_) lane.waiting_since_ = lane.clock_.steady();
        lane.pump();
    });
    pump();
}

void Lane::reload(const UploadSettings& settings) {
    settings_ = settings;
    pacer_.set_rate(settings_.bulk_requests_per_minute);
    congestion_.set_max_width(settings_.max_connections);
    health_.set_server(server());
    endpoints_.reset(settings_.mode);
    body_limit_.forget();
    retry();
}

void Lane::retry() {
    congestion_.retry_now();
    for (Batch& batch : queue_) batch.not_before = SteadyTime::min();
    if (stop_) {
        stop_->probe_at = clock_.steady();
        if (!endpoints_.usable(stop_->endpoint, clock_.steady())) stop_->endpoint = other(stop_->endpoint);
    }
    pump();
}

void Lane::close() {
    closed_ = true;
    pump();
}

void Lane::pause() {
    paused_ = true;
    pump();
}

void Lane::resume() {
    paused_ = false;
    source_dry_ = newest_dry_ = false;
    pump();
}

void Lane::hand_over() {
    give_back(false);
    pump();
}

void Lane::give_back(bool all) {
    std::vector<Slice> slices;
    std::deque<Batch> in_hand = std::exchange(queue_, {});
    if (!all && !in_hand.empty()) {
        queue_.push_back(take_front(in_hand.front(), 1, max_record_bytes()));
    }
    for (const Batch& batch : in_hand) slices.insert(slices.end(), batch.slices.begin(), batch.slices.end());
    if (!slices.empty()) source_.give_back(std::move(slices));
}

void Lane::pump() {
    if (pumping_) {  // Called back from inside: the outer call goes round again.
        pump_again_ = true;
        return;
    }
    pumping_ = true;
    do {
        pump_again_ = false;
        wake_at_.reset();
        while (step()) {
        }
        if (closed_ || paused_) give_back(true);
    } while (pump_again_);
    pumping_ = false;
    if (changed_) changed_();
}

/// Starts one fetch or one request; false when there is nothing to start now, and then wake_at_ is set if
/// time alone will change that.
bool Lane::step() {
    if (!started_ || closed_ || paused_ || in_flight_ + (fetching_ ? 1U : 0U) >= width()) return false;
    return stop_ ? probe() : act();
}

bool Lane::act() {
    const SteadyTime now = clock_.steady();
    std::vector<InHand> in_hand;
    std::size_t held_back = 0;
    for (const Batch& batch : queue_) {
        const bool doubted = held(batch);
        const bool over_budget =
            batch.tried && !budget_.allows() && queue_.size() < settings_.max_connections;
        held_back += doubted ? 1 : 0;
        in_hand.push_back({batch.records(), batch.suspect, doubted || over_budget,
                           doubted ? batch.not_before : SteadyTime::min()});
    }
    if (!waiting_since_ && source_.waiting(lane_) > 0) waiting_since_ = now;
    const View view{.now = now,
                    .create_open = open_at(Endpoint::create),
                    .bulk_open = open_at(Endpoint::bulk),
                    .free = width() - in_flight_ - (fetching_ ? 1U : 0U),
                    .width = width(),
                    .in_hand = in_hand,
                    .fetching = fetching_,
                    .source_dry = source_dry_,
                    .room = queue_.size() - held_back + in_flight_ < settings_.max_connections,
                    .waiting = source_.waiting(lane_),
                    .waiting_since = waiting_since_.value_or(now),
                    .newest_dry = newest_dry_,
                    .witness_wanted = refusals_.doubtful(),
                    .create_takes = create_takes_,
                    .linger = settings_.linger};
    const Move move = plan(view);
    if (move.what == Move::What::wait) {
        wake_at_ = move.again_at;
        note_pacing(move.paced);
        return false;
    }
    if (move.endpoint == Endpoint::bulk) note_pacing(false);
    if (move.what == Move::What::send)
        send_from_hand(move.at, move.endpoint, move.max_records);
    else
        fetch(move.order, move.max_records);
    return true;
}

/// A stopped lane sends one record now and then, to where the fault came from.
bool Lane::probe() {
    note_pacing(false);
    std::size_t untried = untried_probe_wanted();
    if (queue_.empty() && source_dry_) return false;
    SteadyTime open = std::max(stop_->probe_at, congestion_.ready_at(stop_->endpoint));
    if (stop_->endpoint == Endpoint::bulk) open = std::max(open, pacer_.ready_at());
    if (open > clock_.steady()) {
        wake_at_ = open;
        return false;
    }
    if (newest_probe_wanted()) {
        source_.give_back(std::move(queue_.back().slices));
        queue_.pop_back();
        untried = 1;
    }
    if (untried > 0 || queue_.empty())
        fetch(stop_->by_refusals && !newest_dry_ ? Order::newest : Order::oldest,
              std::max<std::size_t>(untried, 1));
    else
        probe_from_hand();
    return true;
}

/// One that was never refused tells most. What is left of its batch waits for its next turn: bad records
/// stand together.
void Lane::probe_from_hand() {
    std::size_t at = 0;
    if (stop_->by_refusals) {
        const auto untried = std::ranges::find(queue_, 0U, &Batch::refusals);
        if (untried != queue_.end()) std::rotate(queue_.begin(), untried, queue_.end());
        at = queue_.size() - 1;
        std::rotate(queue_.begin(), queue_.begin() + 1, queue_.end());
    }
    send_from_hand(at, stop_->endpoint, 1);
}

/// The fault may be in the records: only one that was never tried can tell. How many to fetch, of which the
/// last is tried; 0: one that is in hand will do.
std::size_t Lane::untried_probe_wanted() const {
    if (stop_->blames_key || source_dry_ || queue_.empty() || source_.waiting(lane_) == 0) return 0;
    const Batch& next = queue_.front();
    if (!stop_->by_refusals) return next.refusals > 1 && queue_.size() <= settings_.max_connections ? 1 : 0;
    if (next.refusals == 0 && !next.suspect) return 0;
    const auto witnesses =
        std::count_if(queue_.begin(), queue_.end(), [](const Batch& b) { return b.witness; });
    if (witnesses < kMostWitnesses) return 1;
    return full_of_probes() ? 0 : spool::kMaxChunkRecords;
}

/// All that it may hold was refused, and something came since.
bool Lane::newest_probe_wanted() const {
    const bool refused = !queue_.empty() && (queue_.front().refusals > 0 || queue_.front().suspect);
    return stop_->by_refusals && !newest_dry_ && refused && full_of_probes();
}

bool Lane::full_of_probes() const { return queue_.size() >= kMostInHandToProbe + settings_.max_connections; }

/// Before this no request to it goes out, and nothing is fetched for it either: what is fetched late is
/// fuller.
SteadyTime Lane::open_at(Endpoint endpoint) const {
    if (!endpoints_.usable(endpoint, clock_.steady())) return kNever;
    const SteadyTime open = congestion_.ready_at(endpoint);
    return endpoint == Endpoint::bulk ? std::max(open, pacer_.ready_at()) : open;
}

/// Bytes of records and the commas between them, so that the whole body keeps to its limit.
std::size_t Lane::max_record_bytes() const {
    const std::size_t bytes = body_limit_.bytes(settings_.max_body.value, clock_.steady());
    return bytes > kBulkEnvelopeBytes ? bytes - kBulkEnvelopeBytes : 1;
}

/// It was refused, and nothing passed since: whether it is to blame is not known.
bool Lane::held(const Batch& batch) const { return batch.refusals > 0 && batch.passed_at_refusal == passed_; }

void Lane::note_pacing(bool paced) {
    if (paced == paced_since_.has_value()) return;
    const SteadyTime now = clock_.steady();
    if (paced) {
        ++counters_.paced;
        paced_since_ = now;
    } else {
        counters_.paced_for += std::chrono::duration_cast<std::chrono::microseconds>(now - *paced_since_);
        paced_since_.reset();
    }
}

void Lane::fetch(Order order, std::size_t max_records) {
    fetching_ = true;
    woken_by_source_ = false;
    // Every slice may cost a comma more than it holds.
    const std::size_t room = max_record_bytes();
    std::size_t bytes = room > spool::kMaxChunkRecords ? room - spool::kMaxChunkRecords : room;
    if (stop_) bytes = std::min(bytes, spool::kMaxChunkBytes);
    source_.fetch(lane_, order, max_records, bytes,
                  [weak = std::weak_ptr<Lane*>(self_), order, before = source_.waiting(lane_),
                   probe = stop_.has_value()](std::vector<Slice> slices) {
                      if (const auto self = weak.lock())
                          (*self)->fetched(std::move(slices), order, before, probe);
                  });
}

void Lane::fetched(std::vector<Slice> slices, Order order, std::uint64_t waiting_before, bool as_probe) {
    fetching_ = false;
    Batch batch;
    batch.slices = std::move(slices);
    if (!batch.slices.empty()) {
        // Records that were left behind have waited already; others can't be older than this fetch.
        if (waiting_before <= batch.records()) waiting_since_ = clock_.steady();
        if (as_probe && batch.records() > 1) {
            const std::size_t passed_over = batch.records() - 1;
            Batch last = sub_batch(batch, passed_over, 1);
            queue_.push_back(sub_batch(batch, 0, passed_over));
            queue_.back().suspect = true;  // those around them were refused
            batch = std::move(last);
        }
        batch.witness = as_probe;
        if (as_probe)
            queue_.push_front(std::move(batch));
        else
            queue_.push_back(std::move(batch));
    } else if (order == Order::newest) {
        newest_dry_ = !woken_by_source_;
    } else {
        source_dry_ = !woken_by_source_;
        if (source_dry_) waiting_since_.reset();
    }
    pump();
}

void Lane::send_from_hand(std::size_t at, Endpoint endpoint, std::size_t max_records) {
    Batch& chosen = queue_[at];
    Batch batch = take_front(chosen, max_records, max_record_bytes());
    if (chosen.slices.empty()) {
        queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(at));
        if (max_records > 1) absorb_others(batch, at);
    }
    send(std::move(batch), endpoint);
}

/// Fills a bulk request up with what else is in hand: after an outage there are lone records that were
/// probes.
void Lane::absorb_others(Batch& batch, std::size_t from) {
    const auto clean = [](const Batch& b) { return !b.suspect && b.refusals == 0; };
    if (!clean(batch)) return;
    while (from < queue_.size()) {
        Batch& next = queue_[from];
        if (!clean(next) || batch.records() + next.records() > spool::kMaxChunkRecords ||
            batch.bytes() + 1 + next.bytes() > max_record_bytes()) {
            ++from;
            continue;
        }
        batch.slices.insert(batch.slices.end(), next.slices.begin(), next.slices.end());
        batch.tried = batch.tried || next.tried;
        queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(from));
    }
}

void Lane::send(Batch batch, Endpoint endpoint) {
    const SteadyTime now = clock_.steady();
    if (endpoint == Endpoint::bulk) pacer_.sent(now);
    budget_.sent(batch.tried);
    ++counters_.requests;
    if (batch.tried) ++counters_.retries;
    batch.tried = true;
    ++in_flight_;
    in_flight_records_ += batch.records();
    Request request{.target = target(endpoint), .body = encode(batch, endpoint)};
    EndpointCounters& counters = counters_.endpoints[index(endpoint)];
    counters.bytes += request.body.size();
    counters.rows.observe(static_cast<double>(batch.records()));
    auto flight = std::make_shared<Flight>(Flight{.batch = std::move(batch),
                                                  .sent_at = now,
                                                  .sent_wall = clock_.wall(),
                                                  .endpoint = endpoint,
                                                  .url = url(endpoint)});
    transport_.send(std::move(request), [weak = std::weak_ptr<Lane*>(self_), flight](const Reply& reply) {
        if (const auto self = weak.lock()) (*self)->replied(std::move(*flight), reply);
    });
}

std::string Lane::url(Endpoint endpoint) const {
    std::string url = settings_.base_url;
    while (url.ends_with('/')) url.pop_back();
    return url.append(target(endpoint));
}

std::string Lane::server() const {
    const auto url = parse_base_url(settings_.base_url);
    const std::string host = url ? url->host_header() : settings_.base_url;
    return name_.empty() ? host : host + " (lane '" + name_ + "')";
}

}  // namespace respand::upload
