#include "support/process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace respand::test {

Process::Process(std::vector<std::string> command, const std::string& output_file,
                 const std::map<std::string, std::string>& environment, int fd_3)
    : output_file_(output_file) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<std::string> variables;
    for (char** variable = ::environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    std::vector<char*> pointers;
    for (std::string& variable : variables) pointers.push_back(variable.data());
    pointers.push_back(nullptr);
    const int output = ::open(output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
        ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
        ::dup2(output, STDOUT_FILENO);
        ::dup2(output, STDERR_FILENO);
        if (fd_3 >= 0) ::dup2(fd_3, 3);
        ::execve(arguments[0], arguments.data(), pointers.data());
        ::_exit(127);
    }
    ::close(output);
}

Process::~Process() {
    if (code_) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
}

bool Process::running() {
    if (code_) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return false;
}

void Process::signal(int number) const {
    if (!code_) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
    eventually([this] { return !running(); }, deadline);
    return code_;
}

std::string Process::output() const { return read_file(output_file_); }

Finished run(std::vector<std::string> command, const std::string& output_file,
             const std::map<std::string, std::string>& environment) {
    ::unlink(output_file.c_str());
    Process process(std::move(command), output_file, environment);
    const auto code = process.wait();
    return {code.value_or(-1), process.output()};
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace respand::test
