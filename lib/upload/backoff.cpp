#include "upload/backoff.hpp"

#include <algorithm>

namespace respand::upload {

using std::chrono::milliseconds;

Backoff::Backoff(std::uint64_t seed) {
    std::random_device device;
    random_.seed(seed != 0 ? seed : (std::uint64_t{device()} << 32U | device()));
}

void Backoff::fail(SteadyTime now, SteadyTime sent_at, std::optional<milliseconds> asked) {
    milliseconds wait = asked.value_or(milliseconds{0});
    wait += milliseconds{std::uniform_int_distribution<std::int64_t>(0, wait.count() / 10)(random_)};
    if (faults_ == 0 || sent_at >= failed_at_) {
        constexpr std::uint32_t kMostDoublings = 16;  // far beyond kCap, far below overflow
        const auto ceiling = std::min(kCap, kBase * (1U << std::min(faults_, kMostDoublings)));
        std::uniform_int_distribution<std::int64_t> jitter(0, ceiling.count());
        wait = std::max(wait, milliseconds{jitter(random_)});
        ++faults_;
        failed_at_ = now;
    }
    ready_at_ = std::max(ready_at_, now + wait);
}

void Backoff::succeed(SteadyTime sent_at) {
    if (faults_ > 0 && sent_at >= failed_at_) reset();
}

void Backoff::reset() {
    faults_ = 0;
    ready_at_ = SteadyTime::min();
}

void Width::fail(SteadyTime now, SteadyTime sent_at) {
    if (failed_at_ && sent_at < *failed_at_) return;
    failed_at_ = now;
    value_ = std::max(1U, value_ / 2);
    successes_ = 0;
}

void Width::collapse() {
    value_ = 1;
    successes_ = 0;
}

void Width::succeed() {
    if (value_ >= max_ || ++successes_ < kSuccessesPerStep * value_) return;
    ++value_;
    successes_ = 0;
}

void Width::set_max(std::uint32_t max) {
    value_ = value_ == max_ ? max : std::min(value_, max);
    max_ = max;
}

}  // namespace respand::upload
