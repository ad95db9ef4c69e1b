#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/config.hpp"
#include "support/temp_dir.hpp"

namespace respand::config {
namespace {

using testing::HasSubstr;

Environment person(const std::string& home) {
    Environment environment;
    environment.euid = 1000;
    environment.home = home;
    return environment;
}

TEST(Defaults, AServiceUsesTheDirectoriesOfTheSystem) {
    const Config config = default_config(Environment{});
    EXPECT_EQ(config.ingest.unix_datagram->socket.path, "/run/respand/respand.sock");
    EXPECT_EQ(config.ingest.unix_stream->socket.path, "/run/respand/stream.sock");
    EXPECT_FALSE(config.ingest.udp);
    EXPECT_EQ(config.control.path, "/run/respand/control.sock");
    EXPECT_EQ(config.spool.path, "/var/lib/respand/spool.db");
    EXPECT_EQ(config.pricing.table, "/usr/share/respand/pricing.json");
    EXPECT_EQ(config.pricing.overlays, "/etc/respand/pricing.d");
    EXPECT_EQ(config.credentials.api_key, KeySource{CredentialSource{"respan-api-key"}});
    EXPECT_EQ(config.log.format, LogFormat::journal);
}

TEST(Defaults, AServiceFollowsTheDirectoriesThatSystemdGaveIt) {
    Environment environment = person("/home/ann");
    environment.variables = {{"STATE_DIRECTORY", "/srv/state:/srv/other"},
                             {"RUNTIME_DIRECTORY", "/run/user/1000/respand"},
                             {"CONFIGURATION_DIRECTORY", "/home/ann/.config/respand"}};
    const Config config = default_config(environment);
    EXPECT_EQ(config.spool.path, "/srv/state/spool.db");
    EXPECT_EQ(config.control.path, "/run/user/1000/respand/control.sock");
    EXPECT_EQ(config.pricing.overlays, "/home/ann/.config/respand/pricing.d");
    EXPECT_EQ(config.credentials.api_key, KeySource{CredentialSource{"respan-api-key"}});
}

TEST(Defaults, APersonUsesTheXdgDirectories) {
    Environment environment = person("/home/ann");
    environment.variables = {{"XDG_RUNTIME_DIR", "/run/user/1000"},
                             {"XDG_STATE_HOME", "/home/ann/state"},
                             {"XDG_CONFIG_HOME", "/home/ann/config"}};
    const Config config = default_config(environment);
    EXPECT_EQ(config.ingest.unix_datagram->socket.path, "/run/user/1000/respand/respand.sock");
    EXPECT_EQ(config.ingest.unix_stream->socket.path, "/run/user/1000/respand/stream.sock");
    EXPECT_EQ(config.control.path, "/run/user/1000/respand/control.sock");
    EXPECT_EQ(config.spool.path, "/home/ann/state/respand/spool.db");
    EXPECT_EQ(config.pricing.overlays, "/home/ann/config/respand/pricing.d");
    EXPECT_EQ(config.credentials.api_key, KeySource{VariableSource{"RESPAN_API_KEY"}});
    EXPECT_EQ(config.log.format, LogFormat::text);
}

TEST(Defaults, WithoutXdgVariablesTheHomeAndADirectoryOfOnesOwnInTmpAreUsed) {
    Environment environment = person("/home/from-passwd");
    environment.variables = {{"HOME", "/home/ann"}, {"XDG_STATE_HOME", "relative/is/ignored"}};
    const Config config = default_config(environment);
    EXPECT_EQ(config.control.path, "/tmp/respand-1000/control.sock");
    EXPECT_EQ(config.spool.path, "/home/ann/.local/state/respand/spool.db");
    environment.variables.clear();
    EXPECT_EQ(default_config(environment).spool.path, "/home/from-passwd/.local/state/respand/spool.db");
}

TEST(Defaults, APersonWithoutAHomeNeverTakesAConfigurationFromTmp) {
    const Environment environment = person("");
    EXPECT_EQ(default_config(environment).spool.path, "/tmp/respand-1000/spool.db");
    EXPECT_EQ(default_config(environment).pricing.overlays, "/etc/respand/pricing.d");
}

TEST(Defaults, ThePriceTableIsTheInstalledOneElseTheOneBesideTheProgram) {
    const test::TempDir dir;
    Environment environment;
    environment.share_directory = dir.file("installed");
    environment.executable = dir.file("prefix/bin/respand");
    EXPECT_EQ(default_config(environment).pricing.table, dir.file("installed/pricing.json"));
    std::filesystem::create_directories(dir.file("prefix/share/respand"));
    std::ofstream(dir.file("prefix/share/respand/pricing.json")) << "{}";
    EXPECT_EQ(default_config(environment).pricing.table, dir.file("prefix/share/respand/pricing.json"));
    std::filesystem::create_directories(dir.file("installed"));
    std::ofstream(dir.file("installed/pricing.json")) << "{}";
    EXPECT_EQ(default_config(environment).pricing.table, dir.file("installed/pricing.json"));
}

TEST(ConfigFile, IsTheOneNamedElseTheOneInTheConfigurationDirectory) {
    const test::TempDir dir;
    Environment service;
    service.etc_directory = dir.file("etc");
    EXPECT_EQ(find_config_file(service), std::nullopt);
    EXPECT_EQ(find_config_file(service, "/somewhere/else.toml"), "/somewhere/else.toml");
    std::filesystem::create_directories(dir.file("etc"));
    std::ofstream(dir.file("etc/respand.toml")) << "[log]\nlevel = \"debug\"\n";
    EXPECT_EQ(find_config_file(service), dir.file("etc/respand.toml"));
    EXPECT_EQ(effective_config(service)->log.level, "debug");

    Environment ann = person(dir.file("ann"));
    EXPECT_EQ(find_config_file(ann), std::nullopt);
    EXPECT_TRUE(effective_config(ann)->ingest.unix_datagram) << "without a file the defaults listen";
    std::filesystem::create_directories(dir.file("ann/.config/respand"));
    std::ofstream(dir.file("ann/.config/respand/respand.toml")) << "[spool]\n";
    EXPECT_EQ(find_config_file(ann), dir.file("ann/.config/respand/respand.toml"));
    const auto config = effective_config(ann);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_FALSE(config->ingest.unix_datagram) << "with a file only what it names";
    EXPECT_EQ(config->spool.path, dir.file("ann/.local/state/respand/spool.db"));
}

TEST(UserDirectories, AreCreatedPrivate) {
    const test::TempDir dir;
    Environment environment = person(dir.file("home"));
    environment.euid = ::geteuid();
    if (environment.euid ==
        0) {  // root is a service: pretend to be a person who happens to own the directory
        environment.euid = 1000;
        ASSERT_EQ(::chown(dir.path().c_str(), 1000, 1000), 0);
    }
    environment.temporary_directory = dir.path();
    const Config config = default_config(environment);
    const auto prepared = prepare_user_directories(config, environment);
    if (::geteuid() == 0) {
        ASSERT_FALSE(prepared) << "created by root, it does not belong to the person";
        EXPECT_THAT(prepared.error().message, HasSubstr("belongs to another user"));
        return;
    }
    ASSERT_TRUE(prepared) << prepared.error().message;
    for (const std::string& path : {config.control.path, config.spool.path}) {
        struct stat status{};
        ASSERT_EQ(::stat(std::filesystem::path(path).parent_path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0700u);
    }
}

/// A directory in a place where anybody could have made it.
class UntrustedDirectory : public testing::Test {
  protected:
    UntrustedDirectory() {
        environment_ = person("");
        environment_.temporary_directory = dir_.path();
    }
    std::string refusal() {
        const auto prepared = prepare_user_directories(default_config(environment_), environment_);
        return prepared ? std::string() : prepared.error().message;
    }
    /// The directory as its owner would have it.
    void make(mode_t mode, uid_t owner) {
        ASSERT_EQ(::mkdir(directory().c_str(), mode), 0);
        ASSERT_EQ(::chmod(directory().c_str(), mode), 0);
        environment_.euid = owner;
    }
    std::string directory() const { return dir_.file("respand-1000"); }

    test::TempDir dir_;
    Environment environment_;
};

TEST_F(UntrustedDirectory, OfAnotherUserIsRefused) {
    ASSERT_EQ(::mkdir(directory().c_str(), 0700), 0);
    if (::geteuid() == 1000) environment_.euid = 1001;
    if (environment_.euid == 1001) std::filesystem::rename(directory(), dir_.file("respand-1001"));
    EXPECT_THAT(refusal(), HasSubstr("belongs to another user"));
}

TEST_F(UntrustedDirectory, ThatIsALinkOrAFileIsRefused) {
    std::filesystem::create_directory_symlink(dir_.path(), directory());
    EXPECT_THAT(refusal(), HasSubstr("symbolic link"));
    std::filesystem::remove(directory());
    std::ofstream(directory()) << "x";
    EXPECT_THAT(refusal(), HasSubstr("is not a directory"));
}

TEST_F(UntrustedDirectory, OpenToOthersIsRefused) {
    const uid_t me = ::geteuid();
    ASSERT_EQ(::mkdir(directory().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(directory().c_str(), 0755), 0);
    if (me == 0) {
        ASSERT_EQ(::chown(directory().c_str(), 1000, 1000), 0);
    } else {
        environment_.euid = me;
        if (me != 1000) std::filesystem::rename(directory(), dir_.file("respand-" + std::to_string(me)));
    }
    EXPECT_THAT(refusal(), HasSubstr("open to other users; run: chmod 700"));
}

TEST_F(UntrustedDirectory, IsLeftAloneWhenTheConfigurationDoesNotUseIt) {
    std::ofstream(directory()) << "x";
    Config config = default_config(environment_);
    config.ingest = {};
    config.control.path = "/elsewhere/control.sock";
    config.spool.path = "/elsewhere/spool.db";
    EXPECT_TRUE(prepare_user_directories(config, environment_));
}

TEST(Environment, OfTheProcessIsTheProcess) {
    const Environment environment = Environment::of_process();
    EXPECT_EQ(environment.euid, ::geteuid());
    EXPECT_THAT(environment.executable, HasSubstr("config_test"));
    const char* path = std::getenv("PATH");
    EXPECT_EQ(environment.get("PATH").value_or(""), path != nullptr ? path : "");
    EXPECT_EQ(environment.get("A_VARIABLE_THAT_NOBODY_SETS"), std::nullopt);
}

}  // namespace
}  // namespace respand::config
