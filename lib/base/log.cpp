#include "base/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/rfc3339.hpp"

namespace respand {
namespace {

/// One line of a log in one of our formats. Control characters of a message are escaped: a line stays a line.
class LineFormatter final : public spdlog::formatter {
  public:
    explicit LineFormatter(LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto time = std::chrono::time_point_cast<std::chrono::microseconds>(message.time);
        const std::string_view level = level_name(message.level);
        switch (format_) {
            case LogFormat::journal:
                append(out, "<");
                out.push_back(syslog_digit(message.level));
                append(out, ">");
                append_escaped(out, {message.payload.data(), message.payload.size()}, false);
                break;
            case LogFormat::text:
                append(out, format_rfc3339(time));
                append(out, " ");
                append(out, level);
                append(out, " ");
                append_escaped(out, {message.payload.data(), message.payload.size()}, false);
                break;
            case LogFormat::json:
                append(out, R"({"time":")");
                append(out, format_rfc3339(time));
                append(out, R"(","level":")");
                append(out, level);
                append(out, R"(","message":")");
                append_escaped(out, {message.payload.data(), message.payload.size()}, true);
                append(out, "\"}");
                break;
        }
        append(out, "\n");
    }

    std::unique_ptr<formatter> clone() const override { return std::make_unique<LineFormatter>(format_); }

  private:
    static void append(spdlog::memory_buf_t& out, std::string_view text) {
        out.append(text.data(), text.data() + text.size());
    }

    static void append_escaped(spdlog::memory_buf_t& out, std::string_view text, bool json) {
        constexpr char kHex[] = "0123456789abcdef";
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7f) {
                append(out, "\\u00");
                out.push_back(kHex[byte >> 4]);
                out.push_back(kHex[byte & 15]);
            } else {
                if (json && (c == '"' || c == '\\')) out.push_back('\\');
                out.push_back(c);
            }
        }
    }

    static std::string_view level_name(spdlog::level::level_enum level) {
        constexpr std::array<std::string_view, 7> kNames{"trace", "debug",    "info", "warning",
                                                         "error", "critical", "off"};
        return kNames.at(static_cast<std::size_t>(level));
    }

    /// sd-daemon(3): the priorities of syslog.
    static char syslog_digit(spdlog::level::level_enum level) {
        switch (level) {
            case spdlog::level::critical:
                return '2';
            case spdlog::level::err:
                return '3';
            case spdlog::level::warn:
                return '4';
            case spdlog::level::info:
                return '6';
            default:
                return '7';
        }
    }

    LogFormat format_;
};

/// A log file that can be reopened under its name.
class ReopenableFile final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit ReopenableFile(const std::string& path) { file_.open(path); }
    void reopen() {
        const std::lock_guard lock(mutex_);
        file_.reopen(false);
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        file_.write(line);
        file_.flush();
    }
    void flush_() override { file_.flush(); }

    spdlog::details::file_helper file_;
};

std::shared_ptr<ReopenableFile> g_file;  // set by set_up_logging, used by reopen_log_file; main thread only

constexpr std::array<std::pair<std::string_view, spdlog::level::level_enum>, 7> kLevels{{
    {"trace", spdlog::level::trace},
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warning", spdlog::level::warn},
    {"error", spdlog::level::err},
    {"critical", spdlog::level::critical},
    {"off", spdlog::level::off},
}};

}  // namespace

Status LogSettings::validate() const {
    for (const auto& [level_name, value] : kLevels)
        if (level_name == level) return {};
    return fail(ErrorKind::config,
                "log level '" + level +
                    "' is unknown; take one of trace, debug, info, warning, error, critical, off");
}

Status set_up_logging(const LogSettings& settings) {
    if (auto valid = settings.validate(); !valid) return valid;
    spdlog::sink_ptr sink;
    std::shared_ptr<ReopenableFile> file;
    if (settings.file.empty()) {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
        try {
            file = std::make_shared<ReopenableFile>(settings.file);
        } catch (const spdlog::spdlog_ex& e) {
            return fail(ErrorKind::cant_create,
                        "log file " + settings.file + " can't be opened: " + e.what());
        }
        sink = file;
    }
    sink->set_formatter(std::make_unique<LineFormatter>(settings.format));
    auto logger = std::make_shared<spdlog::logger>("respand", std::move(sink));
    for (const auto& [level_name, value] : kLevels)
        if (level_name == settings.level) logger->set_level(value);
    spdlog::set_default_logger(std::move(logger));
    g_file = std::move(file);
    return {};
}

Status reopen_log_file() {
    if (!g_file) return {};
    try {
        g_file->reopen();
    } catch (const spdlog::spdlog_ex& e) {
        return fail(ErrorKind::cant_create, std::string("log file can't be reopened: ") + e.what());
    }
    return {};
}

bool LogLimiter::allow(SteadyTime now) {
    if (now - last_ >= kInterval) left_ = held_back_ == 0 ? kBurst : 1;
    if (left_ == 0) {
        ++held_back_;
        return false;
    }
    --left_;
    last_ = now;
    reported_ = std::exchange(held_back_, 0);
    return true;
}

std::string LogLimiter::suffix() const {
    return reported_ == 0 ? "" : " (and " + std::to_string(reported_) + " more like this held back)";
}

}  // namespace respand
