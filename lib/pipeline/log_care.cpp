#include "pipeline/log_care.hpp"

#include <algorithm>

namespace respand::pipeline {

LogCare::Next LogCare::after_commit(ByteCount log) {
    if (log < last_) {  // it has started again
        moved_ = {};
        finish_at_ = kRestart;
    }
    last_ = log;
    if (under_way_) return Next::nothing;
    const ByteCount left{log.value - std::min(moved_.value, log.value)};
    const bool is_long = log >= finish_at_;
    if (is_long && left <= kLittle) {
        // Somebody who reads can keep it from starting again: then not at every commit.
        finish_at_ = ByteCount{log.value + kPass.value};
        under_way_ = true;
        return Next::finish;
    }
    if (left < (is_long ? kLittle : kPass)) return Next::nothing;
    under_way_ = true;
    return Next::pass;
}

void LogCare::moved(ByteCount moved) {
    under_way_ = false;
    moved_ = moved <= last_ ? moved : ByteCount{};  // else: of the log that was before
}

}  // namespace respand::pipeline
