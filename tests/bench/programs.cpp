#include "programs.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "base/fd.hpp"

namespace respand::bench {

using std::chrono::steady_clock;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

Program::Program(std::vector<std::string> command, const std::filesystem::path& log) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("no process can be made");
    if (pid_ != 0) return;
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

Program::~Program() {
    if (pid_ == 0) return;
    signal(SIGTERM);
    wait();
}

void Program::wait() {
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void Program::signal(int number) const { ::kill(pid_, number); }

double Program::cpu() const {
    const std::string stat = read_file("/proc/" + std::to_string(pid_) + "/stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) throw std::runtime_error("the daemon ended; see its log");
    unsigned long user = 0, system = 0;
    std::sscanf(stat.c_str() + name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                &system);
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double Program::peak_mib() const {
    const std::string status = read_file("/proc/" + std::to_string(pid_) + "/status");
    const auto at = status.find("VmHWM:");
    return at == std::string::npos ? 0 : std::atof(status.c_str() + at + 6) / 1024;
}

void await(const std::function<bool()>& ready, const char* what) {
    const auto end = steady_clock::now() + kStall;
    while (!ready()) {
        if (steady_clock::now() > end) throw std::runtime_error(std::string(what) + " does not answer");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

std::string stats(int port, std::uint64_t expected) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
    const std::string request = "GET /stats?expect=" + std::to_string(expected) +
                                " HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
    std::string answer;
    std::array<char, 8192> buffer{};
    for (ssize_t size = 0; (size = ::recv(fd.get(), buffer.data(), buffer.size(), 0)) > 0;)
        answer.append(buffer.data(), static_cast<std::size_t>(size));
    return answer;
}

double number(const std::string& json, const std::string& name, std::size_t from) {
    const auto at = json.find("\"" + name + "\":", from);
    return at == std::string::npos ? 0 : std::atof(json.c_str() + at + name.size() + 3);
}

}  // namespace respand::bench
