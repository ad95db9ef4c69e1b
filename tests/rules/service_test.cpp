// The service files, read by the programs that will read them on the user's machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "support/temp_dir.hpp"

namespace respand::rules {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kRoot = RESPAND_SOURCE_DIR;

std::string read(const fs::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// The values of a key, in order.
std::vector<std::string> values(const std::string& unit, const std::string& key) {
    std::vector<std::string> found;
    std::stringstream in(unit);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(key + "=")) found.push_back(line.substr(key.size() + 1));
    return found;
}

struct Outcome {
    int status = -1;
    std::string output;
};

Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return outcome;
    char buffer[4096];
    while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) outcome.output.append(buffer, n);
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
    return outcome;
}

/// A tool that is not on this machine can't be asked; the other tests of this file hold everywhere.
bool installed(const std::string& tool) {
    if (run("PATH=$PATH:/usr/sbin command -v " + tool).status == 0) return true;
    std::cout << tool << " is not installed: its opinion was not asked\n";
    return false;
}

class ServiceFiles : public testing::Test {
  protected:
    /// The units, started program replaced by one that is there.
    ServiceFiles() {
        for (const auto& entry : fs::directory_iterator(kRoot / "systemd")) {
            const std::string name = entry.path().filename().string();
            if (!name.ends_with(".service") && !name.ends_with(".socket")) continue;
            std::ofstream(dir_.file(name)) << replaced(read(entry.path()), "=/usr/bin/respand", "=/bin/true");
            units_.push_back(dir_.file(name));
        }
        std::ranges::sort(units_);
    }
    test::TempDir dir_;
    std::vector<std::string> units_;
};

TEST_F(ServiceFiles, AreTakenBySystemdWithoutAWord) {
    ASSERT_EQ(units_.size(), 3u);
    if (!installed("systemd-analyze")) return;
    std::string command = "systemd-analyze verify";
    for (const std::string& unit : units_) command += " " + unit;
    const Outcome verify = run(command);
    EXPECT_EQ(verify.status, 0);
    EXPECT_EQ(verify.output, "");
}

TEST_F(ServiceFiles, ExposeLittle) {
    if (!installed("systemd-analyze")) return;
    // Tenths of systemd's exposure level, 0 to 100. What is left is what the service is for: it listens on
    // local sockets, speaks to the network and tells users apart.
    const Outcome security =
        run("systemd-analyze security --offline=true --threshold=15 " + dir_.file("respand.service"));
    EXPECT_EQ(security.status, 0) << security.output;
}

TEST_F(ServiceFiles, TheUserIsOneThatSystemdCanCreate) {
    if (!installed("systemd-sysusers")) return;
    const Outcome users = run("systemd-sysusers --dry-run " + (kRoot / "systemd/respand.sysusers").string());
    EXPECT_EQ(users.status, 0) << users.output;
    EXPECT_THAT(read(kRoot / "systemd/respand.sysusers"), HasSubstr("\nu     respand "));
}

TEST_F(ServiceFiles, SocketsHaveTheNamesModesAndPathsThatTheDaemonExpects) {
    const std::string datagram = read(kRoot / "systemd/respand.socket");
    const std::string stream = read(kRoot / "systemd/respand-stream.socket");
    EXPECT_THAT(values(datagram, "ListenDatagram"), testing::ElementsAre("/run/respand/respand.sock"));
    EXPECT_THAT(values(datagram, "FileDescriptorName"), testing::ElementsAre("respand-datagram"));
    EXPECT_THAT(values(datagram, "PassCredentials"), testing::ElementsAre("yes"));
    EXPECT_THAT(values(stream, "ListenStream"), testing::ElementsAre("/run/respand/stream.sock"));
    EXPECT_THAT(values(stream, "FileDescriptorName"), testing::ElementsAre("respand-stream"));
    for (const std::string& socket : {datagram, stream}) {
        EXPECT_THAT(values(socket, "Service"), testing::ElementsAre("respand.service"));
        EXPECT_THAT(values(socket, "SocketMode"), testing::ElementsAre("0660"));
        EXPECT_THAT(values(socket, "SocketGroup"), testing::ElementsAre("respand"));
    }
}

TEST_F(ServiceFiles, SocketFilesOutliveTheService) {
    const std::string service = read(kRoot / "systemd/respand.service");
    EXPECT_THAT(values(service, "RuntimeDirectory"), testing::ElementsAre("respand"));
    EXPECT_THAT(values(service, "RuntimeDirectoryPreserve"), testing::ElementsAre("yes"));
}

TEST_F(ServiceFiles, LogRotationReopensTheLog) {
    const std::string shipped = read(kRoot / "conf/respand.logrotate");
    EXPECT_THAT(shipped, HasSubstr("--signal=SIGUSR1 --kill-whom=main respand.service"));
    if (!installed("logrotate")) return;
    // A user of this machine in place of the service's, a directory that is there.
    const std::string owner = run("id -un").output;
    const std::string group = run("id -gn").output;
    const std::string names = owner.substr(0, owner.find('\n')) + " " + group.substr(0, group.find('\n'));
    std::ofstream(dir_.file("respand.log")) << "a line\n";
    std::ofstream(dir_.file("logrotate.conf"))
        << replaced(replaced(shipped, "respand respand\n", names + "\n"), "/var/log/respand", dir_.path());
    fs::permissions(dir_.file("logrotate.conf"), fs::perms::owner_read | fs::perms::owner_write);
    const Outcome debug = run("PATH=$PATH:/usr/sbin logrotate --debug --state " + dir_.file("state") + " " +
                              dir_.file("logrotate.conf"));
    EXPECT_EQ(debug.status, 0) << debug.output;
    EXPECT_THAT(debug.output, HasSubstr("Handling 1 logs"));
    EXPECT_THAT(debug.output, testing::Not(HasSubstr("error:")));
}

}  // namespace
}  // namespace respand::rules
