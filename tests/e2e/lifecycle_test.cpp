#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include "e2e/daemon_fixture.hpp"
#include "sqlite/connection.hpp"

namespace respand::test {
namespace {

class Lifecycle : public DaemonTest {};

TEST_F(Lifecycle, StopsInOrderAndTakesItsSocketsAway) {
    start_server();
    start();
    for (const int signal : {SIGTERM, SIGINT}) {
        for (const auto& path : {datagram_path(), stream_path(), control_path()})
            EXPECT_TRUE(std::filesystem::exists(path)) << path;
        daemon->signal(signal);
        EXPECT_EQ(daemon->wait(), 0);
        for (const auto& path : {datagram_path(), stream_path(), control_path()})
            EXPECT_FALSE(std::filesystem::exists(path)) << path;
        start();
    }
}

TEST_F(Lifecycle, SocketFilesOfADeadDaemonAreReplacedAndThoseOfALiveOneRefused) {
    start_server();
    start();
    daemon->signal(SIGKILL);
    daemon->wait();
    EXPECT_TRUE(std::filesystem::exists(datagram_path()));
    start();
    const std::string other = dir.file("other.db");
    setup.spool = "# another spool, the same sockets\n";
    write_config();
    std::string text = read_file(config_path());
    text.replace(text.find(spool_path()), spool_path().size(), other);
    write_file(config_path(), text);
    const Finished second = run({program("respand"), "--config", config_path()}, dir.file("second.log"),
                                {{"RESPAN_API_KEY", "k"}});
    EXPECT_EQ(second.code, 69) << second.output;
    EXPECT_NE(second.output.find(datagram_path()), std::string::npos) << second.output;
    EXPECT_TRUE(send_datagram(kVendorExample)) << "the first daemon's socket is still there";
    EXPECT_TRUE(arrive(1));
}

TEST_F(Lifecycle, ASecondDaemonOnTheSameSpoolIsRefused) {
    start_server();
    start();
    const Finished second = start_and_fail();
    EXPECT_EQ(second.code, 69) << second.output;
    EXPECT_NE(second.output.find("in use by process " + std::to_string(daemon->pid())), std::string::npos)
        << second.output;
}

TEST_F(Lifecycle, ASecondSignalEndsAtOnce) {
    sandbox::Options options;
    options.faults.latency = std::chrono::seconds(60);
    start_server(options);
    start();
    ASSERT_TRUE(send_datagram(kVendorExample));
    ASSERT_TRUE(eventually([&] { return status()["lane"]["in_flight_requests"] == 1; }));
    daemon->signal(SIGTERM);
    ASSERT_TRUE(
        eventually([&] { return daemon->output().find("stopping on SIGTERM") != std::string::npos; }));
    daemon->signal(SIGTERM);
    EXPECT_EQ(daemon->wait(std::chrono::seconds(8)), 75);
}

TEST_F(Lifecycle, AReloadTakesAGoodConfigurationAndRefusesABadOne) {
    start_server();
    start();
    const std::string good = read_file(config_path());
    write_file(config_path(), good + "[bogus]\nx = 1\n");
    daemon->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return daemon->output().find("reload refused") != std::string::npos; }));
    EXPECT_NE(daemon->output().find("bogus"), std::string::npos);
    ASSERT_TRUE(send_datagram(kVendorExample));
    ASSERT_TRUE(arrive(1));

    std::filesystem::create_directory(dir.file("pricing.d"));
    write_file(dir.file("pricing.d") + "/mine.json", "{ not json");
    write_file(config_path(), good);
    daemon->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return daemon->output().find("mine.json") != std::string::npos; }));

    write_file(
        dir.file("pricing.d") + "/mine.json",
        R"({"format":"respand-pricing-1","models":{"my/model":{"input_per_million":1,"output_per_million":2}}})");
    daemon->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return daemon->output().find("reloaded") != std::string::npos; }))
        << daemon->output();
    ASSERT_TRUE(send_datagram(record_with_id("mine", "my/model")));
    ASSERT_TRUE(arrive(2));
    EXPECT_NE(server->logs().back().find("\"cost\":0.001022}"), std::string::npos) << server->logs().back();
}

TEST_F(Lifecycle, TheLogFileIsOpenedAgainAfterLogrotateMovedIt) {
    start_server();
    setup.extra = "file = \"" + dir.file("daemon.log") + "\"\n";
    start();
    std::filesystem::rename(dir.file("daemon.log"), dir.file("daemon.log.1"));
    daemon->signal(SIGUSR1);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(dir.file("daemon.log")); }));
    EXPECT_EQ(stop(), 0);
    EXPECT_NE(read_file(dir.file("daemon.log")).find("stopped"), std::string::npos);
}

TEST_F(Lifecycle, FaultsAtTheStartHaveTheirExitCodeAndSayWhatToDo) {
    struct Case {
        const char* what;
        std::function<void()> prepare;
        int code;
        std::vector<std::string> said;
    };
    const Setup plain = setup;
    const std::vector<Case> cases{
        {"no key", [&] { setup.upload += "api_key = { env = \"NO_SUCH_KEY\" }\n"; }, 78, {"NO_SUCH_KEY"}},
        {"missing key file",
         [&] { setup.upload += "api_key = { file = \"" + dir.file("none") + "\" }\n"; },
         66,
         {"none"}},
        {"key file open to all",
         [&] {
             write_file(dir.file("key"), "the-secret-key");
             ::chmod(dir.file("key").c_str(), 0644);
             setup.upload += "api_key = { file = \"" + dir.file("key") + "\" }\n";
         },
         77,
         {"key", "chmod 600"}},
        {"unknown key of the configuration",
         [&] { setup.spool = "max_sise = \"1GiB\"\n"; },
         78,
         {"max_sise", "max_size", "respand.toml:"}},
        {"another program's database",
         [&] {
             auto database = sqlite::Connection::open(spool_path(), sqlite::OpenMode::read_write_create);
             ASSERT_TRUE(database && database->exec("CREATE TABLE theirs(a)"));
         },
         78,
         {spool_path(), "another program"}},
        {"spool is a directory",
         [&] {
             std::filesystem::remove(spool_path());
             std::filesystem::create_directory(spool_path());
         },
         78,
         {spool_path(), "directory"}},
        {"UDP beyond loopback",
         [&] { setup.ingest = "[ingest.udp]\nlisten = \"0.0.0.0:0\"\n"; },
         78,
         {"allow_remote"}},
        {"socket in a directory that is not there",
         [&] { setup.ingest = "[ingest.unix_datagram]\npath = \"" + dir.file("no/such/s.sock") + "\"\n"; },
         73,
         {"no/such"}},
    };
    for (const Case& c : cases) {
        setup = plain;
        c.prepare();
        const Finished failed = start_and_fail();
        EXPECT_EQ(failed.code, c.code) << c.what << ": " << failed.output;
        for (const std::string& word : c.said)
            EXPECT_NE(failed.output.find(word), std::string::npos) << c.what << ": " << failed.output;
        EXPECT_EQ(failed.output.find("the-secret-key"), std::string::npos) << c.what;
        std::filesystem::remove_all(spool_path());
    }
}

TEST_F(Lifecycle, APortInUseIsNamed) {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
    const std::string place = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    setup.ingest = "[ingest.udp]\nlisten = \"" + place + "\"\n";
    const Finished failed = start_and_fail();
    EXPECT_EQ(failed.code, 69);
    EXPECT_NE(failed.output.find(place), std::string::npos) << failed.output;
}

TEST_F(Lifecycle, SilentConnectionsBeyondTheLimitAreClosedAndOthersGoOn) {
    start_server();
    setup.ingest = "[ingest.unix_datagram]\npath = \"" + datagram_path() +
                   "\"\n[ingest.unix_stream]\npath = \"" + stream_path() + "\"\nmax_connections = 100\n";
    start();
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const int wanted =
        static_cast<int>(std::min<rlim_t>(10'000, files.rlim_max > 200 ? files.rlim_max - 100 : 100));
    std::vector<UnixSender> silent;
    for (int i = 0; i < wanted; ++i) {
        silent.emplace_back(stream_path(), SOCK_STREAM);
        ASSERT_TRUE(silent.back().connected()) << i;
    }
    ASSERT_TRUE(eventually([&] {
        const Json connections = status()["connections"];
        return connections["open"] == 100 && connections["refused"] == wanted - 100;
    })) << status().dump(1);
    ASSERT_TRUE(send_datagram(kVendorExample));
    EXPECT_TRUE(silent.front().send(std::string(record_with_id("late")) + "\n"));
    EXPECT_TRUE(arrive(2));
}

/// The service manager's end of sd_notify.
class NotifySocket {
  public:
    explicit NotifySocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    /// True once a message with this text has come.
    bool heard(const std::string& text) {
        char buffer[4096];
        for (ssize_t size = 0; (size = ::recv(fd_.get(), buffer, sizeof buffer, 0)) > 0;)
            all_ += std::string(buffer, static_cast<std::size_t>(size)) + "\n";
        return all_.find(text) != std::string::npos;
    }

  private:
    UniqueFd fd_;
    std::string all_;
};

TEST_F(Lifecycle, TheServiceManagerIsToldAndTheWatchdogFed) {
    start_server();
    NotifySocket manager(dir.file("notify.sock"));
    start({{"NOTIFY_SOCKET", dir.file("notify.sock")}, {"WATCHDOG_USEC", "300000"}});
    for (const char* message : {"READY=1", "STATUS=", "WATCHDOG=1"})
        EXPECT_TRUE(eventually([&] { return manager.heard(message); })) << message;
    daemon->signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return manager.heard("RELOADING=1"); }));
    EXPECT_EQ(stop(), 0);
    EXPECT_TRUE(manager.heard("STOPPING=1"));
}

TEST_F(Lifecycle, ASocketOfTheServiceManagerIsTakenByItsName) {
    start_server();
    const std::string path = dir.file("activated.sock");
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_TRUE(UnixSender(path, SOCK_DGRAM).send(record_with_id("before-the-start")));
    write_config();
    daemon = std::make_unique<Process>(
        std::vector<std::string>{
            "/bin/sh", "-c",
            "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=respand-datagram exec \"$0\" --config \"$1\"",
            program("respand"), config_path()},
        dir.file("respand.log"), std::map<std::string, std::string>{{"RESPAN_API_KEY", "k"}}, fd.get());
    EXPECT_TRUE(arrive(1));
    EXPECT_EQ(stop(), 0);
    EXPECT_TRUE(std::filesystem::exists(path)) << "the socket file is the service manager's";
}

TEST_F(Lifecycle, TheConfigurationCanBeCheckedAndPrintedAndHoldsNoSecret) {
    write_config();
    const Finished good = run({program("respand"), "--check-config", config_path()}, dir.file("out"));
    EXPECT_EQ(good.code, 0) << good.output;
    const Finished printed = run({program("respand"), "--config", config_path(), "--print-config"},
                                 dir.file("out"), {{"RESPAN_API_KEY", "TOPSECRET"}});
    EXPECT_EQ(printed.code, 0);
    EXPECT_NE(printed.output.find(datagram_path()), std::string::npos);
    EXPECT_EQ(printed.output.find("TOPSECRET"), std::string::npos);
    write_file(config_path(), "[upload]\nmode = \"bulky\"\n");
    const Finished bad = run({program("respand"), "--check-config", config_path()}, dir.file("out"));
    EXPECT_EQ(bad.code, 78);
    EXPECT_NE(bad.output.find("respand.toml:2:"), std::string::npos) << bad.output;
    write_file(config_path(), "[upload]\nca_file = \"/does/not/exist.pem\"\n");
    const Finished no_authority = run({program("respand"), "--check-config", config_path()}, dir.file("out"));
    EXPECT_EQ(no_authority.code, 78);
    EXPECT_NE(no_authority.output.find("ca_file /does/not/exist.pem"), std::string::npos);
    EXPECT_EQ(run({program("respand"), "--no-such-option"}, dir.file("out")).code, 64);
    EXPECT_EQ(run({program("respand"), "--help"}, dir.file("out")).code, 0);
    EXPECT_EQ(run({program("respand"), "--version"}, dir.file("out")).output, "respand 0.1.0\n");
}

}  // namespace
}  // namespace respand::test
