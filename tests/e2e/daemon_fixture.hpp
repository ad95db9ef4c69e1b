// A real respand between real senders and a sandbox in the test's process.
#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sandbox/server/server.hpp"
#include "support/process.hpp"
#include "support/sender.hpp"
#include "support/temp_dir.hpp"

namespace respand::test {

using Json = nlohmann::json;

class DaemonTest : public ::testing::Test {
  protected:
    /// Lines of the configuration that a test may change before start().
    struct Setup {
        std::string base_url;  ///< empty: the sandbox's
        std::string upload = "mode = \"bulk\"\nlinger = \"20ms\"\nbulk_requests_per_minute = 0\n";
        std::string spool;
        std::string pricing;
        std::string extra;   ///< further sections
        std::string ingest;  ///< empty: datagram and stream
    } setup;

    void start_server(sandbox::Options options = {});
    /// Starts respand and waits until it answers; fails the test when it does not.
    void start(const std::map<std::string, std::string>& environment = {});
    /// Starts respand and expects it to end by itself: its exit code and what it said.
    Finished start_and_fail(const std::map<std::string, std::string>& environment = {});
    /// SIGTERM, and the exit code.
    int stop();

    Json status();
    std::uint64_t record_count(const std::string& name) {
        return status()["records"][name].get<std::uint64_t>();
    }
    /// Runs `respanctl --socket …` with these words.
    Finished ctl(std::vector<std::string> words);
    /// True when the ledger holds; prints the audit when not.
    bool books_add_up();

    bool send_datagram(std::string_view text) const {
        return UnixSender(datagram_path(), SOCK_DGRAM).send(text);
    }
    /// The logs that the server took, oldest first.
    std::vector<Json> arrived() const;
    bool arrive(std::size_t count);
    std::uint64_t unique_arrived() const { return server->stats().unique_ids; }

    std::string datagram_path() const { return dir.file("respand.sock"); }
    std::string stream_path() const { return dir.file("stream.sock"); }
    std::string control_path() const { return dir.file("control.sock"); }
    std::string spool_path() const { return dir.file("spool.db"); }
    std::string config_path() const { return dir.file("respand.toml"); }
    void write_config() const;
    static std::string program(const std::string& name) { return std::string(RESPAND_BIN_DIR) + "/" + name; }

    TempDir dir;
    std::unique_ptr<sandbox::Server> server;
    std::unique_ptr<Process> daemon;
};

inline constexpr const char* kVendorExample =
    R"({"model": "replicate/meta/llama-3-70b-instruct",
 "prompt_messages": [{"role": "user", "content": "Hello, how are you?"}],
 "completion_message": {"role": "assistant", "content": "Hello from Replicate through Respan."},
 "cost": 0.001, "generation_time": 1.2, "customer_params": {"customer_identifier": "user_123"}})";

/// A small record with this identifier.
std::string record_with_id(const std::string& id, const std::string& model = "openai/gpt-4o-mini");

}  // namespace respand::test
