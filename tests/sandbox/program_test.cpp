// The program itself: its command line, its files, its end.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>
#include <sysexits.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "http_client.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

extern char** environ;

namespace respand::sandbox {
namespace {

using respand::test::eventually;
using testing::HasSubstr;

/// respan-sandbox as a child process, its output in a file.
class Program {
  public:
    Program(const respand::test::TempDir& dir, std::vector<std::string> arguments)
        : output_(dir.file("output")) {
        arguments.insert(arguments.begin(), std::string(RESPAND_BIN_DIR) + "/respan-sandbox");
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 1, output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
        if (::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0)
            throw std::runtime_error("respan-sandbox can't be started");
        ::posix_spawn_file_actions_destroy(&actions);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        if (pid_ > 0) end(SIGKILL);
    }

    /// Sends a signal (0: none) and waits; the exit code.
    int end(int signal = 0) {
        if (signal != 0) ::kill(pid_, signal);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::string output() const { return read(output_); }

    static std::string read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

  private:
    std::string output_;
    pid_t pid_ = -1;
};

class ProgramTest : public testing::Test {
  protected:
    /// The port of a program started with "--port-file port".
    std::uint16_t port() const {
        if (!eventually([&] { return std::filesystem::exists(dir_.file("port")); })) return 0;
        return static_cast<std::uint16_t>(std::stoi(Program::read(dir_.file("port"))));
    }
    respand::test::TempDir dir_;
};

TEST_F(ProgramTest, listens_prints_what_comes_and_ends_in_order) {
    Program program(dir_, {"--listen", "127.0.0.1:0", "--port-file", dir_.file("port")});
    const std::uint16_t number = port();
    ASSERT_NE(number, 0);
    EXPECT_EQ(
        test::Client(number).post("/api/request-logs/create/", R"({"model":"gpt-5.5","cost":0.10})").status,
        200);
    EXPECT_EQ(program.end(SIGTERM), 0);
    EXPECT_THAT(program.output(),
                HasSubstr("listening on http://127.0.0.1:" + std::to_string(number) + "/api"));
    EXPECT_THAT(program.output(), HasSubstr("create gpt-5.5 "));
    EXPECT_THAT(program.output(), HasSubstr("1 request, 1 log accepted, 0 refused"));
    EXPECT_FALSE(std::filesystem::exists(dir_.file("port")));
}

TEST_F(ProgramTest, quiet_prints_nothing_and_the_key_file_is_used) {
    std::ofstream(dir_.file("key")) << "right\n";
    Program program(dir_, {"-q", "--listen", "127.0.0.1:0", "--port-file", dir_.file("port"), "--key-file",
                           dir_.file("key"), "--tls-self-signed", dir_.file("ca.pem")});
    const std::uint16_t number = port();
    ASSERT_NE(number, 0);
    test::Client client(number, dir_.file("ca.pem"));
    EXPECT_EQ(client.post("/api/request-logs/create/", "{}").status, 401);
    EXPECT_EQ(program.end(SIGINT), 0);
    EXPECT_EQ(program.output(), "");
}

TEST_F(ProgramTest, a_port_in_use_is_told_and_ends_with_69) {
    Program first(dir_, {"-q", "--listen", "127.0.0.1:0", "--port-file", dir_.file("port")});
    const std::string address = "127.0.0.1:" + std::to_string(port());
    const respand::test::TempDir other;
    Program second(other, {"--listen", address});
    EXPECT_EQ(second.end(), EX_UNAVAILABLE);
    EXPECT_THAT(second.output(), HasSubstr(address + " is in use"));
}

TEST_F(ProgramTest, a_wrong_command_line_ends_with_its_code_and_a_reason) {
    struct Case {
        std::vector<std::string> arguments;
        int code;
        const char* reason;
    };
    const Case cases[] = {
        {{"--nonsense"}, EX_USAGE, "--nonsense"},
        {{"--fail", "200"}, EX_USAGE, "300 to 599"},
        {{"--fail", "500:0.6", "--fail", "429:0.6"}, EX_USAGE, "add up"},
        {{"--latency", "200"}, EX_USAGE, "--latency"},
        {{"--reset", "2"}, EX_USAGE, "--reset"},
        {{"--max-body", "8"}, EX_USAGE, "--max-body"},
        {{"--listen", "8080"}, EX_USAGE, "ADDRESS:PORT"},
        {{"--tls-cert", "x"}, EX_USAGE, "--tls-key"},
        {{"--key-file", dir_.file("none")}, EX_NOINPUT, "none"},
        {{"--listen", "127.0.0.1:0", "--port-file", dir_.file("no/port")}, EX_CANTCREAT, "no/port"},
        {{"--help"}, 0, "--tls-self-signed"},
        {{"--version"}, 0, "respan-sandbox "},
    };
    for (const Case& c : cases) {
        Program program(dir_, c.arguments);
        EXPECT_EQ(program.end(), c.code) << c.arguments.front();
        EXPECT_THAT(program.output(), HasSubstr(c.reason));
    }
}

}  // namespace
}  // namespace respand::sandbox
