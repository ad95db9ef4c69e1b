// respan-sandbox: a stand-in for the Respan logging API.
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/exit_code.hpp"
#include "sandbox/command_line.hpp"
#include "sandbox/server/server.hpp"

namespace {

using namespace respand;

int complain(const Error& error) {
    std::fprintf(stderr, "respan-sandbox: %s\n", error.message.c_str());
    return exit_code(error.kind);
}

/// At once, so that a pipe shows every line when it happens.
void print(std::string_view lines) {
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    std::fflush(stdout);
}

/// Appears whole or not at all: a script may poll for it.
Status write_port_file(const std::string& path, std::uint16_t port) {
    const std::string temporary = path + ".new";
    std::ofstream out(temporary, std::ios::trunc);
    out << port << '\n';
    out.close();
    std::error_code error;
    if (out) std::filesystem::rename(temporary, path, error);
    if (!out || error) return fail(ErrorKind::cant_create, "the port file " + path + " can't be written");
    return {};
}

/// Thousands of connections that do nothing need a file descriptor each.
void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(sandbox::CommandLine line) {
    // Blocked before the server's thread starts, so that only sigwait() below takes them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    raise_file_limit();

    if (!line.quiet) line.options.print = print;
    const bool any_key = line.options.key.empty();
    const std::string certificate = line.options.tls.self_signed_file;
    auto server = sandbox::Server::start(std::move(line.options));
    if (!server) return complain(server.error());
    if (!line.port_file.empty())
        if (auto written = write_port_file(line.port_file, (*server)->port()); !written)
            return complain(written.error());
    if (!line.quiet) {
        print("respan-sandbox: listening on " + (*server)->base_url() + (any_key ? "  (any API key)" : "") +
              "\n");
        if (!certificate.empty())
            print("respan-sandbox: its certificate, for clients to trust: " + certificate + "\n");
    }

    int signal = 0;
    ::sigwait(&signals, &signal);
    (*server)->stop();
    if (!line.quiet) print("respan-sandbox: " + sandbox::summary((*server)->stats()) + "\n");
    if (!line.port_file.empty()) {
        std::error_code ignored;
        std::filesystem::remove(line.port_file, ignored);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    auto command = sandbox::parse_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&command)) return *code;
    return run(std::move(std::get<sandbox::CommandLine>(command)));
}
