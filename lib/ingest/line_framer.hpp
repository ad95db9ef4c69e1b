// Cuts a stream of bytes into lines. Pure: no sockets, no clock.
#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "ingest/sink.hpp"

namespace respand::ingest {

/// Newline-delimited records out of reads of any size.
///
/// However the bytes are cut into reads, the same lines come out, and the limit strikes at the same byte.
/// Whole lines are handed on where they lie; only a line that a read cut is kept, in a buffer that grows with
/// it and goes when it ends: a framer between two lines holds no memory. Each byte is looked at once.
class LineFramer {
  public:
    /// `max_record`: bytes of a line without its line end.
    explicit LineFramer(std::size_t max_record) : max_record_(max_record) {}

    /// Takes what one read brought and calls `emit(std::string_view line)` for each line that ended in it:
    /// without "\n" or "\r\n", never blank, kPadding readable bytes behind it, valid during the call.
    /// kPadding readable bytes must follow `bytes`. False: a line is over the limit, and this framer is done:
    /// where the next line begins is anybody's guess.
    template <class Emit>
    [[nodiscard]] bool feed(std::string_view bytes, Emit&& emit) {
        if (too_large_) return false;
        while (!bytes.empty()) {
            const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
            if (newline == nullptr) return keep(bytes);
            const auto length = static_cast<std::size_t>(newline - bytes.data());
            std::string_view line = bytes.substr(0, length);
            if (size_ != 0) {
                if (!keep(line)) return false;
                line = {kept_.get(), size_};
            }
            if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            if (line.size() > max_record_) return refuse();
            if (!is_blank(line)) emit(line);
            if (size_ != 0) release();
            bytes.remove_prefix(length + 1);
        }
        return true;
    }

    /// The stream may not end here: a record has begun and not ended.
    bool holds_half_line() const { return size_ != 0 && !is_blank({kept_.get(), size_}); }
    /// Bytes of the line under way.
    std::size_t buffered() const { return size_; }

  private:
    static bool is_blank(std::string_view line) {
        return line.find_first_not_of(" \t\r") == std::string_view::npos;
    }
    bool keep(std::string_view bytes);
    bool refuse();
    void release();

    std::size_t max_record_;
    std::unique_ptr<char[]> kept_;  ///< the line under way; capacity_ + kPadding bytes
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    bool too_large_ = false;
};

}  // namespace respand::ingest
