// Logs as bytes, for tests that damage them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "spool/log_scan.hpp"

namespace respand::spool {

inline constexpr std::size_t kLogPage = 16384;
inline constexpr std::size_t kLogFrame = kFrameHeader + kLogPage;

inline std::size_t frames_in(const std::string& log) {
    return log.size() < kLogHeader ? 0 : (log.size() - kLogHeader) / kLogFrame;
}
inline std::size_t frame_at(std::size_t frame) { return kLogHeader + frame * kLogFrame; }

inline bool is_commit(const std::string& log, std::size_t frame) {
    return log.compare(frame_at(frame) + 4, 4, std::string(4, '\0')) != 0;
}

/// Frames that end a transaction.
inline std::vector<std::size_t> commits_in(const std::string& log) {
    std::vector<std::size_t> commits;
    for (std::size_t frame = 0; frame < frames_in(log); ++frame)
        if (is_commit(log, frame)) commits.push_back(frame);
    return commits;
}

inline std::string flipped(std::string bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
}

inline LogReport scan(const std::string& log) {
    LogScan scan(std::string_view(log).substr(0, kLogHeader), kLogPage, 10'000);
    for (std::size_t frame = 0; frame < frames_in(log); ++frame)
        scan.add(std::string_view(log).substr(frame_at(frame), kLogFrame));
    return scan.finish();
}

inline std::string rewritten(const std::string& log, const LogReport& report) {
    LogRewrite rewrite(report);
    std::string bytes = rewrite.header();
    for (std::size_t frame = 0; frame < report.frames; ++frame)
        bytes += rewrite.frame(std::string_view(log).substr(frame_at(frame), kLogFrame));
    return bytes;
}

}  // namespace respand::spool
