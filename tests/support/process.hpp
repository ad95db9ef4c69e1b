// A real program, started and watched by a test.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/eventually.hpp"

namespace respand::test {

/// Standard output and error go to one file. Killed when it goes out of scope.
class Process {
  public:
    /// `environment` is added to the test's own. `fd_3`, when given, is the program's file descriptor 3.
    Process(std::vector<std::string> command, const std::string& output_file,
            const std::map<std::string, std::string>& environment = {}, int fd_3 = -1);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    pid_t pid() const { return pid_; }
    bool running();
    void signal(int number) const;
    /// Waits for the end; the exit code, or 128 + signal. Nothing when the deadline passed.
    std::optional<int> wait(std::chrono::milliseconds deadline = kDeadline);
    std::string output() const;

  private:
    pid_t pid_ = -1;
    std::optional<int> code_;
    std::string output_file_;
};

/// Runs a program to its end; exit code and output.
struct Finished {
    int code = -1;
    std::string output;
};
Finished run(std::vector<std::string> command, const std::string& output_file,
             const std::map<std::string, std::string>& environment = {});

/// The whole content of a file; empty when it can't be read.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);

}  // namespace respand::test
