#include "base/uuid7.hpp"

namespace respand {
namespace {

constexpr std::uint32_t kCounterLimit = 1 << 12;
/// The counter starts at a random value below this in each new millisecond, which leaves room to count up.
constexpr std::uint32_t kCounterStart = 1 << 10;

void put_hex(char* out, std::uint64_t value, int digits) {
    constexpr char kHex[] = "0123456789abcdef";
    for (int i = digits - 1; i >= 0; --i, value >>= 4) out[i] = kHex[value & 15];
}

}  // namespace

Uuid7Generator::Uuid7Generator(std::uint64_t seed)
    : random_(seed != 0 ? seed : (std::uint64_t{std::random_device{}()} << 32 | std::random_device{}())) {}

UuidText Uuid7Generator::next(WallTime now) {
    const auto millis = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1'000);
    const std::uint64_t random = random_();
    if (millis > millis_) {
        millis_ = millis;
        counter_ = static_cast<std::uint32_t>(random >> 52) % kCounterStart;
    } else if (++counter_ ==
               kCounterLimit) {  // clock stands or stepped back: borrow from the next millisecond
        ++millis_;
        counter_ = 0;
    }
    UuidText text;
    put_hex(text.data(), millis_ >> 16, 8);
    text[8] = '-';
    put_hex(text.data() + 9, millis_ & 0xffff, 4);
    text[13] = '-';
    put_hex(text.data() + 14, 0x7000 | counter_, 4);
    text[18] = '-';
    put_hex(text.data() + 19, 0x8000 | (random >> 48 & 0x3fff), 4);
    text[23] = '-';
    put_hex(text.data() + 24, random & 0xffff'ffff'ffff, 12);
    return text;
}

}  // namespace respand
