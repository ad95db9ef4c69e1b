// What the code under test logs.
#pragma once
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cstddef>
#include <memory>
#include <sstream>
#include <string>

namespace respand::test {

/// Takes the place of the process's log while it lives.
class LogCapture {
  public:
    explicit LogCapture(spdlog::level::level_enum from = spdlog::level::info)
        : before_(spdlog::default_logger()) {
        auto logger =
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
        logger->set_level(from);
        spdlog::set_default_logger(std::move(logger));
    }
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture() { spdlog::set_default_logger(before_); }

    std::string text() const { return text_.str(); }
    /// How often `word` is in it.
    std::size_t count(const std::string& word) const {
        std::size_t found = 0;
        const std::string all = text_.str();
        for (std::size_t at = all.find(word); at != std::string::npos; at = all.find(word, at + 1)) ++found;
        return found;
    }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
};

}  // namespace respand::test
