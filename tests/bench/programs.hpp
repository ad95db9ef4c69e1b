// What respand-bench starts and asks.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace respand::bench {

/// Without progress for so long, a run has failed.
inline constexpr std::chrono::seconds kStall{10};

/// Empty when it can't be read.
std::string read_file(const std::filesystem::path& path);

/// A program of ours, started in the foreground and ended with SIGTERM.
class Program {
  public:
    Program(std::vector<std::string> command, const std::filesystem::path& log);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();
    /// Lets it come to its own end first.
    void wait();
    /// User and system time so far, in seconds.
    double cpu() const;
    double peak_mib() const;
    void signal(int number) const;

  private:
    pid_t pid_;  ///< 0: it has ended
};

/// Looks every few milliseconds. Throws when `what` is not there after kStall.
void await(const std::function<bool()>& ready, const char* what);

/// The sandbox's answer to GET /stats on that port of this machine; empty when nobody answers.
std::string stats(int port, std::uint64_t expected);

/// The number behind "name": in a JSON text, at or after `from`; 0 when there is none.
double number(const std::string& json, const std::string& name, std::size_t from = 0);

}  // namespace respand::bench
