#include "e2e/daemon_fixture.hpp"

#include <csignal>

namespace respand::test {

std::string record_with_id(const std::string& id, const std::string& model) {
    return R"({"model":")" + model + R"(","prompt_tokens":18,"completion_tokens":502,"custom_identifier":")" +
           id + "\"}";
}

void DaemonTest::start_server(sandbox::Options options) {
    auto started = sandbox::Server::start(std::move(options));
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
}

void DaemonTest::write_config() const {
    std::string text = setup.ingest.empty()
                           ? "[ingest.unix_datagram]\npath = \"" + datagram_path() +
                                 "\"\n[ingest.unix_stream]\npath = \"" + stream_path() + "\"\n"
                           : setup.ingest;
    text += "[spool]\npath = \"" + spool_path() + "\"\n" + setup.spool;
    text += std::string("[pricing]\ntable = \"") + RESPAND_SOURCE_DIR +
            "/conf/pricing.json\"\noverlays = \"" + dir.file("pricing.d") + "\"\n" + setup.pricing;
    const std::string url = !setup.base_url.empty() ? setup.base_url
                            : server                ? server->base_url()
                                                    : "http://127.0.0.1:1/api";
    text += "[upload]\nbase_url = \"" + url + "\"\n";
    if (setup.upload.find("api_key") == std::string::npos) text += "api_key = { env = \"RESPAN_API_KEY\" }\n";
    text += setup.upload + "[control]\npath = \"" + control_path() + "\"\n[log]\nformat = \"text\"\n" +
            setup.extra;
    write_file(config_path(), text);
}

void DaemonTest::start(const std::map<std::string, std::string>& environment) {
    write_config();
    std::map<std::string, std::string> variables{{"RESPAN_API_KEY", "the-key"}};
    for (const auto& [name, value] : environment) variables[name] = value;
    daemon =
        std::make_unique<Process>(std::vector<std::string>{program("respand"), "--config", config_path()},
                                  dir.file("respand.log"), variables);
    const bool answers = eventually([&] { return !daemon->running() || ctl({"status"}).code == 0; });
    ASSERT_TRUE(answers && daemon->running()) << daemon->output();
}

Finished DaemonTest::start_and_fail(const std::map<std::string, std::string>& environment) {
    write_config();
    std::map<std::string, std::string> variables{{"RESPAN_API_KEY", "the-key"}};
    for (const auto& [name, value] : environment) variables[name] = value;
    return run({program("respand"), "--config", config_path()}, dir.file("failed.log"), variables);
}

int DaemonTest::stop() {
    daemon->signal(SIGTERM);
    return daemon->wait().value_or(-1);
}

Finished DaemonTest::ctl(std::vector<std::string> words) {
    std::vector<std::string> command{program("respanctl"), "--config", config_path()};
    command.insert(command.end(), words.begin(), words.end());
    return run(std::move(command), dir.file("ctl.out"));
}

Json DaemonTest::status() {
    const Finished answer = ctl({"status", "--json"});
    EXPECT_EQ(answer.code, 0) << answer.output;
    return Json::parse(answer.output);
}

bool DaemonTest::books_add_up() {
    const Finished audit = ctl({"audit"});
    if (audit.code != 0) ADD_FAILURE() << audit.output;
    return audit.code == 0;
}

std::vector<Json> DaemonTest::arrived() const {
    std::vector<Json> logs;
    for (const std::string& text : server->logs()) logs.push_back(Json::parse(text));
    return logs;
}

bool DaemonTest::arrive(std::size_t count) {
    const bool all = eventually([&] { return server->stats().rows_accepted >= count; });
    if (!all)
        ADD_FAILURE() << server->stats().rows_accepted << " of " << count << " arrived\n" << daemon->output();
    return all;
}

}  // namespace respand::test
