#include "upload/lane.hpp"

#include <algorithm>
#include <utility>

#include "upload/encode.hpp"

namespace respand::upload {

using std::chrono::microseconds;

Lane::Lane(const Clock& clock, UploadSettings settings, spool::LaneId lane, BatchSource& source,
           Transport& transport, std::uint64_t jitter_seed)
    : clock_(clock),
      settings_(std::move(settings)),
      lane_(lane),
      source_(source),
      transport_(transport),
      backoff_(jitter_seed),
      pacer_(settings_.bulk_requests_per_minute),
      width_(settings_.max_connections),
      health_(server()) {}

void Lane::start() {
    if (started_) return;
    started_ = true;
    source_.on_available(lane_, [weak = std::weak_ptr<Lane*>(self_)] {
        const auto self = weak.lock();
        if (!self) return;
        Lane& lane = **self;
        lane.source_empty_ = false;
        lane.woken_by_source_ = lane.fetching_;
        if (!lane.waiting_since_) lane.waiting_since_ = lane.clock_.steady();
        lane.pump();
    });
    pump();
}

void Lane::reload(const UploadSettings& settings) {
    settings_ = settings;
    pacer_.set_rate(settings_.bulk_requests_per_minute);
    width_.set_max(settings_.max_connections);
    health_.set_server(server());
    backoff_.reset();
    small_body_.reset();
    if (stop_) stop_->probe_at = clock_.steady();
    pump();
}

void Lane::close() {
    closed_ = true;
    queue_.clear();
    pump();
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
    } while (pump_again_);
    pumping_ = false;
    if (changed_) changed_();
}

/// Starts one fetch or one request; false when there is nothing to start now, and then wake_at_ is set if
/// time alone will change that.
bool Lane::step() {
    if (!started_ || closed_ || in_flight_ + (fetching_ ? 1U : 0U) >= width()) return false;
    const bool fresh_probe = fresh_probe_wanted();
    if (queue_.empty() && (fetching_ || source_empty_)) return false;
    const SteadyTime now = clock_.steady();
    if (const SteadyTime open = gate(); open > now) {
        wake_at_ = open;
        return false;
    }
    if (!queue_.empty() && !fresh_probe) {
        Batch& front = queue_.front();
        Batch batch = take_front(front, max_records(), max_record_bytes());
        if (front.slices.empty()) queue_.pop_front();
        send(std::move(batch));
        return true;
    }
    if (!fresh_probe && !fetch_wanted(now)) return false;
    fetch();
    return true;
}

/// Before this no request goes out, and no fetch either: what is fetched late is fuller.
SteadyTime Lane::gate() const {
    SteadyTime open = stop_ ? stop_->probe_at : backoff_.ready_at();
    if (settings_.mode == Mode::bulk) open = std::max(open, pacer_.ready_at());
    return open;
}

std::uint32_t Lane::width() const { return stop_ ? 1 : width_.value(); }

std::size_t Lane::max_records() const {
    return stop_ || settings_.mode == Mode::create ? 1 : spool::kMaxChunkRecords;
}

/// Bytes of records and the commas between them, so that the whole body keeps to its limit.
std::size_t Lane::max_record_bytes() const {
    std::size_t bytes = settings_.max_body.value;
    if (small_body_ && clock_.steady() < small_body_until_) bytes = std::min(bytes, *small_body_);
    return bytes > kBulkEnvelopeBytes ? bytes - kBulkEnvelopeBytes : 1;
}

/// A stopped lane whose first batch was refused before: the fault may be in the records, and only a record
/// that was never tried can tell.
bool Lane::fresh_probe_wanted() const {
    return stop_ && !stop_->blames_key && !fetching_ && !source_empty_ && !queue_.empty() &&
           queue_.front().refusals > 1 && queue_.size() <= settings_.max_connections &&
           source_.waiting(lane_) > 0;
}

/// Whether what waits is worth a request now. Nothing waiting: fetches once, so that the source will tell
/// when there is something again.
bool Lane::fetch_wanted(SteadyTime now) {
    const std::uint64_t waiting = source_.waiting(lane_);
    if (waiting == 0) return true;
    if (!waiting_since_) waiting_since_ = now;
    const SteadyTime full_enough = *waiting_since_ + settings_.linger;
    if (settings_.mode == Mode::create || waiting >= spool::kMaxChunkRecords || now >= full_enough)
        return true;
    wake_at_ = std::min<SteadyTime>(full_enough, now + kLingerPoll);
    return false;
}

void Lane::fetch() {
    fetching_ = true;
    woken_by_source_ = false;
    const bool probe = stop_.has_value();
    // Every slice may cost a comma more than it holds.
    const std::size_t room = max_record_bytes();
    const std::size_t bytes = room > spool::kMaxChunkRecords ? room - spool::kMaxChunkRecords : room;
    source_.fetch(lane_, probe ? 1 : spool::kMaxChunkRecords, bytes,
                  [weak = std::weak_ptr<Lane*>(self_), before = source_.waiting(lane_),
                   probe](std::vector<Slice> slices) {
                      if (const auto self = weak.lock()) (*self)->fetched(std::move(slices), before, probe);
                  });
}

void Lane::fetched(std::vector<Slice> slices, std::uint64_t waiting_before, bool as_probe) {
    fetching_ = false;
    Batch batch;
    batch.slices = std::move(slices);
    if (batch.slices.empty()) {
        source_empty_ = !woken_by_source_;
        if (source_empty_) waiting_since_.reset();
    } else {
        // Records that were left behind have waited already; others can't be older than this fetch.
        if (waiting_before <= batch.records()) waiting_since_ = clock_.steady();
        if (!closed_ && as_probe)
            queue_.push_front(std::move(batch));
        else if (!closed_)
            queue_.push_back(std::move(batch));
    }
    pump();
}

void Lane::send(Batch batch) {
    const SteadyTime now = clock_.steady();
    if (settings_.mode == Mode::bulk) pacer_.sent(now);
    ++requests_;
    if (batch.tried) ++retries_;
    batch.tried = true;
    ++in_flight_;
    Request request{.target = target(settings_.mode), .body = encode(batch, settings_.mode)};
    auto flight = std::make_shared<Flight>(
        Flight{.batch = std::move(batch), .sent_at = now, .mode = settings_.mode, .url = url()});
    transport_.send(std::move(request), [weak = std::weak_ptr<Lane*>(self_), flight](const Reply& reply) {
        if (const auto self = weak.lock()) (*self)->replied(std::move(*flight), reply);
    });
}

LaneStatus Lane::status() const {
    const SteadyTime now = clock_.steady();
    const SteadyTime open = gate();
    LaneStatus status;
    if (closed_) {
        status.state = LaneState::closed;
    } else if (stop_) {
        status.state = LaneState::stopped;
        status.reason = stop_->reason;
    } else if (backoff_.ready_at() > now) {
        status.state = LaneState::backing_off;
        status.reason = backoff_reason_;
    } else if (in_flight_ > 0) {
        status.state = LaneState::sending;
    } else if (open > now && (!queue_.empty() || source_.waiting(lane_) > 0)) {
        // A short back-off hides behind the pace; that the server is away must show all the same.
        status.state = health_.failing() ? LaneState::backing_off : LaneState::pacing;
    }
    if (status.reason.empty() && health_.failing()) status.reason = health_.last_error();
    const bool holding = status.state == LaneState::stopped || status.state == LaneState::backing_off ||
                         status.state == LaneState::pacing;
    if (holding && open > now) status.next_attempt_in = std::chrono::ceil<microseconds>(open - now);
    status.last_error = health_.last_error();
    status.last_error_at = health_.last_error_at();
    status.last_success_at = health_.last_success_at();
    status.in_flight = in_flight_;
    status.requests = requests_;
    status.failures = failures_;
    status.retries = retries_;
    return status;
}

std::string Lane::url() const {
    std::string url = settings_.base_url;
    while (url.ends_with('/')) url.pop_back();
    return url.append(target(settings_.mode));
}

std::string Lane::server() const {
    const auto url = parse_base_url(settings_.base_url);
    return url ? url->host_header() : settings_.base_url;
}

std::string_view name(LaneState state) {
    switch (state) {
        case LaneState::idle:
            return "idle";
        case LaneState::sending:
            return "sending";
        case LaneState::pacing:
            return "pacing";
        case LaneState::backing_off:
            return "backing off";
        case LaneState::stopped:
            return "stopped";
        case LaneState::closed:
            return "closed";
    }
    return "unknown";
}

}  // namespace respand::upload
