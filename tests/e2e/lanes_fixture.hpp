// A daemon with a lane beside the default one, and a server for each.
#pragma once
#include <csignal>

#include "e2e/daemon_fixture.hpp"

namespace respand::test {

class Lanes : public DaemonTest {
  protected:
    void start_both() {
        sandbox::Options options;
        options.key = "the-key";
        start_server(options);
        options.key = "other-key";
        auto started = sandbox::Server::start(options);
        ASSERT_TRUE(started) << started.error().message;
        other = std::move(*started);
        set_key("other-key");
    }
    /// The key of the lane.
    void set_key(const std::string& key) const {
        write_file(dir.file("other.key"), key + "\n");
        ASSERT_EQ(::chmod(dir.file("other.key").c_str(), 0600), 0);
    }
    std::string lane(const std::string& keys, const std::string& name = "other") const {
        return "[[lane]]\nname = \"" + name + "\"\nbase_url = \"" + other->base_url() +
               "\"\napi_key = { file = \"" + dir.file("other.key") + "\" }\n" + keys;
    }
    void reload() {
        const auto reloads = [this] {
            std::size_t count = 0;
            const std::string log = daemon->output();
            for (std::size_t at = 0; (at = log.find("prices reloaded", at)) != std::string::npos; ++at)
                ++count;
            return count;
        };
        const std::size_t before = reloads();
        write_config();
        daemon->signal(SIGHUP);
        ASSERT_TRUE(eventually([&] { return reloads() > before; })) << daemon->output();
    }
    Json lane_status(const std::string& name) {
        const Json all = status();
        for (const Json& each : all["lanes"])
            if (each["name"] == name) return each;
        return {};
    }
    std::uint64_t took(const sandbox::Server& from) const { return from.stats().rows_accepted; }

    std::unique_ptr<sandbox::Server> other;
};

}  // namespace respand::test
