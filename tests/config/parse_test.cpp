#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/config.hpp"
#include "config/registry.hpp"
#include "config/suggest.hpp"
#include "slots.hpp"
#include "support/temp_dir.hpp"

namespace respand::config {
namespace {

using std::chrono::microseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The message for a text that must be refused.
std::string fault(std::string_view text, const Environment& environment = {}) {
    const auto config = parse_config(text, "respand.toml", environment);
    if (config) {
        ADD_FAILURE() << "was taken:\n" << text;
        return {};
    }
    EXPECT_EQ(config.error().kind, ErrorKind::config);
    return config.error().message;
}

TEST(Config, ReadsEveryKeyWhereItBelongs) {
    const auto config = parse_config(R"(
[ingest.unix_datagram]
path = "/tmp/a.sock"
mode = "0666"
group = "apps"
[ingest.unix_stream]
path = "/tmp/b.sock"
mode = "600"
group = "staff"
max_connections = 7
[ingest.udp]
listen = "[::1]:9000"
receive_buffer = "1MiB"
allow_remote = true
[spool]
path = "/tmp/spool.db"
max_size = "2GiB"
commit_linger = "5ms"
[pricing]
table = "/tmp/prices.json"
overlays = "/tmp/prices.d"
[upload]
base_url = "https://example.org/api"
api_key = { env = "KEY_NAME" }
mode = "create"
bulk_requests_per_minute = 0
max_connections = 3
linger = "2s"
max_body = "1MiB"
connect_timeout = "3s"
request_timeout = "30s"
ca_file = "/tmp/ca.pem"
[control]
path = "/tmp/c.sock"
mode = "0660"
[log]
level = "debug"
format = "json"
file = "/tmp/respand.log"
)",
                                     "respand.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->ingest.unix_datagram->socket.path, "/tmp/a.sock");
    EXPECT_EQ(config->ingest.unix_datagram->socket.mode, 0666u);
    EXPECT_EQ(config->ingest.unix_datagram->socket.group, "apps");
    EXPECT_EQ(config->ingest.unix_stream->socket.path, "/tmp/b.sock");
    EXPECT_EQ(config->ingest.unix_stream->socket.mode, 0600u);
    EXPECT_EQ(config->ingest.unix_stream->socket.group, "staff");
    EXPECT_EQ(config->ingest.unix_stream->max_connections, 7u);
    EXPECT_EQ(config->ingest.udp->listen, "[::1]:9000");
    EXPECT_EQ(config->ingest.udp->receive_buffer, 1_MiB);
    EXPECT_TRUE(config->ingest.udp->allow_remote);
    EXPECT_EQ(config->spool.path, "/tmp/spool.db");
    EXPECT_EQ(config->spool.max_size, 2_GiB);
    EXPECT_EQ(config->ingest.linger, microseconds{5'000});
    EXPECT_EQ(config->pricing.table, "/tmp/prices.json");
    EXPECT_EQ(config->pricing.overlays, "/tmp/prices.d");
    EXPECT_EQ(config->upload.base_url, "https://example.org/api");
    EXPECT_EQ(config->credentials.api_key, KeySource{VariableSource{"KEY_NAME"}});
    EXPECT_EQ(config->upload.mode, upload::Mode::create);
    EXPECT_EQ(config->upload.bulk_requests_per_minute, 0u);
    EXPECT_EQ(config->upload.max_connections, 3u);
    EXPECT_EQ(config->upload.linger, microseconds{2'000'000});
    EXPECT_EQ(config->upload.max_body, 1_MiB);
    EXPECT_EQ(config->upload.connect_timeout, microseconds{3'000'000});
    EXPECT_EQ(config->upload.request_timeout, microseconds{30'000'000});
    EXPECT_EQ(config->upload.network.ca_file, "/tmp/ca.pem");
    EXPECT_EQ(config->control.path, "/tmp/c.sock");
    EXPECT_EQ(config->control.mode, 0660u);
    EXPECT_EQ(config->log.level, "debug");
    EXPECT_EQ(config->log.format, LogFormat::json);
    EXPECT_EQ(config->log.file, "/tmp/respand.log");
}

TEST(Config, AListenerIsOnOnlyWhenTheFileNamesIt) {
    const auto none = parse_config("", "respand.toml");
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_FALSE(none->ingest.unix_datagram);
    EXPECT_FALSE(none->ingest.unix_stream);
    EXPECT_FALSE(none->ingest.udp);
    const auto one = parse_config("[ingest.udp]\n", "respand.toml");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_TRUE(one->ingest.udp);
    EXPECT_FALSE(one->ingest.unix_datagram);
}

TEST(Config, WhatTheFileDoesNotNameHasTheDefaultOfTheService) {
    const auto config = parse_config("[ingest.unix_datagram]\nmode = \"0600\"\n", "respand.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->ingest.unix_datagram->socket.path, "/run/respand/respand.sock");
    EXPECT_EQ(config->spool.path, "/var/lib/respand/spool.db");
    EXPECT_EQ(config->credentials.api_key, KeySource{CredentialSource{"respan-api-key"}});
}

TEST(Config, AnUnknownKeyIsRefusedWithItsPlaceAndTheNearestName) {
    EXPECT_EQ(fault("\n[spool]\nmax_sise = \"4GiB\"\n"),
              "respand.toml:3:1: unknown key 'spool.max_sise'; did you mean 'spool.max_size'?");
    EXPECT_THAT(fault("[upload]\nlinegr = \"1s\"\n"), HasSubstr("did you mean 'upload.linger'?"));
    EXPECT_THAT(fault("[spool]\nlinger = \"1s\"\n"), HasSubstr("did you mean 'spool.commit_linger'?"));
    EXPECT_THAT(fault("[upload]\nmax_size = \"1GiB\"\n"), HasSubstr("did you mean 'spool.max_size'?"));
    EXPECT_THAT(fault("[upload]\nurl = \"https://a\"\n"), HasSubstr("did you mean 'upload.base_url'?"));
    EXPECT_THAT(fault("[spool]\nzzzzzz = 1\n"), HasSubstr("; [spool] has path, max_size, "));
}

TEST(Config, AnUnknownSectionIsRefusedWithTheNearestName) {
    EXPECT_EQ(
        fault("[ingest.unix_datagam]\n"),
        "respand.toml:1:9: unknown section 'ingest.unix_datagam'; did you mean 'ingest.unix_datagram'?");
    EXPECT_THAT(fault("[unix_stream]\n"), HasSubstr("did you mean 'ingest.unix_stream'?"));
    EXPECT_THAT(fault("[uplod]\n"), HasSubstr("did you mean 'upload'?"));
    EXPECT_THAT(fault("[zzzzzzzz]\n"), HasSubstr("the sections are ingest.unix_datagram, "));
    EXPECT_THAT(fault("max_size = \"4GiB\"\n"),
                HasSubstr("unknown key 'max_size'; did you mean 'spool.max_size'?"));
}

TEST(Config, ASectionThatIsNoTableIsRefused) {
    EXPECT_THAT(fault("spool = 5\n"), HasSubstr("'spool' is a section; write [spool]"));
    EXPECT_THAT(fault("[[upload]]\n"), HasSubstr("once and with single brackets"));
    EXPECT_THAT(fault("ingest = \"udp\"\n"), HasSubstr("'ingest' is a section"));
    EXPECT_THAT(fault("[ingest]\nunix_stream = true\n"), HasSubstr("'ingest.unix_stream' is a section"));
}

TEST(Config, AllFaultsOfAFileAreToldInTheOrderOfTheFile) {
    const std::string message = fault(
        "[upload]\nmode = \"bulc\"\nmax_connections = 0\n"
        "[spool]\nmax_sise = \"4GiB\"\npath = \"spool.db\"\n"
        "[control]\nmode = 600\n[lgo]\n");
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= message.size();) {
        const std::size_t end = std::min(message.find('\n', at), message.size());
        lines.push_back(message.substr(at, end - at));
        at = end + 1;
    }
    EXPECT_THAT(
        lines,
        testing::ElementsAre(
            StartsWith("respand.toml:2:8: 'upload.mode' must be one of \"auto\", \"create\", \"bulk\""),
            StartsWith("respand.toml:3:19: 'upload.max_connections' 0 is out of range; take 1 to 64"),
            StartsWith("respand.toml:5:1: unknown key 'spool.max_sise'"),
            StartsWith("respand.toml:6:8: 'spool.path' must be an absolute path"),
            StartsWith("respand.toml:8:8: 'control.mode' must be permissions as an octal string"),
            StartsWith("respand.toml:9:2: unknown section 'lgo'")))
        << message;
}

TEST(Config, AFileWithFaultsWithoutEndIsToldInBoundedSpace) {
    std::string text = "[spool]\n";
    for (int i = 0; i < 1000; ++i) text += "key_" + std::to_string(i) + " = 1\n";
    const std::string message = fault(text);
    EXPECT_THAT(message, EndsWith("respand.toml: and 950 more faults"));
}

TEST(Config, AWrongTypeOrValueSaysWhatToWrite) {
    EXPECT_THAT(fault("[spool]\nmax_size = 4\n"), HasSubstr("must be a size in quotes with its unit"));
    EXPECT_THAT(fault("[spool]\nmax_size = \"4G\"\n"), HasSubstr("as in \"64KiB\" or \"4GiB\""));
    EXPECT_THAT(fault("[spool]\nmax_size = \"1KiB\"\n"),
                HasSubstr("1KiB is out of range; take 1MiB to 16TiB"));
    EXPECT_THAT(fault("[spool]\ncommit_linger = 2.5\n"), HasSubstr("not a decimal number"));
    EXPECT_THAT(fault("[spool]\ncommit_linger = \"2s\"\n"), HasSubstr("take 0s to 1s"));
    EXPECT_THAT(fault("[ingest.udp]\nallow_remote = \"yes\"\n"),
                HasSubstr("must be true or false, not a string"));
    EXPECT_THAT(fault("[ingest.unix_datagram]\nmode = \"0999\"\n"), HasSubstr("octal"));
    EXPECT_THAT(fault("[ingest.unix_datagram]\nmode = \"01777\"\n"), HasSubstr("octal"));
    EXPECT_THAT(fault("[ingest.unix_datagram]\npath = \"/" + std::string(107, 'x') + "\"\n"),
                HasSubstr("at most 107"));
    EXPECT_THAT(fault("[ingest.unix_datagram]\npath = \"/run/\"\n"), HasSubstr("not a directory"));
    EXPECT_THAT(fault("[ingest.unix_datagram]\npath = \"\"\n"), HasSubstr("must not be empty"));
    EXPECT_THAT(fault("[log]\nfile = \"/a\\u0000b\"\n"), HasSubstr("control characters"));
    EXPECT_THAT(fault("[upload]\nmax_connections = \"2\"\n"),
                HasSubstr("a whole number from 1 to 64, not a string"));
    EXPECT_THAT(fault("[upload]\nmax_connections = 99999999999999\n"), HasSubstr("out of range"));
    EXPECT_THAT(fault("[upload]\nlinger = []\n"), HasSubstr("not an array"));
    EXPECT_THAT(fault("[upload]\nlinger = 1979-05-27\n"), HasSubstr("not a date or time"));
}

TEST(Config, WhatAPartRefusesIsToldAtTheLineOfItsKey) {
    const std::string message = fault("[ingest.udp]\nreceive_buffer = \"1MiB\"\nlisten = \"0.0.0.0:8126\"\n");
    EXPECT_THAT(message, StartsWith("respand.toml:3:10: "));
    EXPECT_THAT(message, HasSubstr("allow_remote = true"));
    EXPECT_THAT(fault("[control]\nmode = \"0666\"\n"),
                StartsWith("respand.toml:2:8: [control] mode 0666 would let"));
    EXPECT_THAT(fault("[upload]\nbase_url = \"http://example.org/api\"\n"),
                StartsWith("respand.toml:2:12: "));
}

TEST(Config, TwoThingsCanNotBeTheSameFile) {
    EXPECT_THAT(
        fault("[ingest.unix_stream]\npath = \"/run/x.sock\"\n[control]\npath = \"/run/x.sock\"\n"),
        AllOf(StartsWith("respand.toml:4:8: "), HasSubstr("is the same file as 'ingest.unix_stream.path'")));
    EXPECT_THAT(fault("[log]\nfile = \"/var/lib/respand/spool.db\"\n"),
                HasSubstr("same file as 'spool.path'"));
}

TEST(Config, TextThatIsNotTomlIsRefusedWithItsPlace) {
    EXPECT_THAT(fault("[spool]\npath = \n"), StartsWith("respand.toml:2:"));
    EXPECT_THAT(fault("[spool]\nmax_size = \"4GiB\"\nmax_size = \"5GiB\"\n"), StartsWith("respand.toml:3:"));
    EXPECT_THAT(fault("\xff\xfe"), StartsWith("respand.toml:1:"));
}

TEST(Config, AKeyInTheFileIsRefusedAndNotRepeated) {
    const std::string secret = "sk-live-8Hq2";
    for (const std::string& text :
         {"[upload]\napi_key = \"" + secret + "\"\n", "[upload]\napi_key = " + secret + "\n",
          "[upload]\napi_key = '" + secret + "\n", "[upload]\napi_key = { key = \"" + secret + "\" }\n",
          "[upload]\napi_key = { env = \"" + secret + "\" }\n",
          "[upload]\napi_key = { file = \"" + secret + "\" }\n",
          "[upload]\napi_key = { credential = \"a/" + secret + "\" }\n",
          "[upload]\napi_key = { env = " + secret + " }\n", "[upload]\napi_key = [\"" + secret + "\"]\n",
          "[upload]\napi_key = { env = [\"" + secret + "\"] }\n", "[upload]\nkey = \"" + secret + "\"\n",
          "api_key = \"" + secret + "\"\n", "[respan]\ntoken = \"" + secret + "\"\n",
          "[upload]\nbase_url = \"https://user:" + secret + "@example.org/api\"\n",
          "[upload]\nbase_url = \"user:" + secret + "@example.org/api\"\n",
          "[upload]\nbase_url = \"https://example.org/api?api_key=" + secret + "\"\n"}) {
        const std::string message = fault(text);
        EXPECT_THAT(message, Not(HasSubstr(secret))) << text;
        EXPECT_THAT(message, Not(HasSubstr("8Hq2"))) << text;
    }
    EXPECT_THAT(fault("[upload]\napi_key = \"" + secret + "\"\n"),
                AllOf(StartsWith("respand.toml:2:11: 'upload.api_key' holds the API key itself"),
                      HasSubstr("{ credential = \"respan-api-key\" }")));
    EXPECT_THAT(fault("[upload]\napi_key = 123456789012345678901234567890\n"), Not(HasSubstr("1234")));
}

TEST(Config, AKeySourceIsExactlyOne) {
    EXPECT_THAT(fault("[upload]\napi_key = { env = \"A\", file = \"/b\" }\n"), HasSubstr("one source only"));
    EXPECT_THAT(fault("[upload]\napi_key = {}\n"), HasSubstr("must name a source"));
    EXPECT_THAT(fault("[upload]\napi_key = { env = 5 }\n"), HasSubstr("in quotes"));
    const auto table = parse_config("[upload.api_key]\nfile = \"/etc/key\"\n", "respand.toml");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->credentials.api_key, KeySource{FileSource{"/etc/key"}});
}

TEST(Config, NoRangeOfTheRegistryGoesBeyondWhatThePartTakes) {
    for (const Key& key : keys()) {
        if (key.kind != Kind::count && key.kind != Kind::size && key.kind != Kind::duration) continue;
        const std::string range = describe_range(key);
        for (std::string bound :
             {range.substr(0, range.find(" to ")), range.substr(range.find(" to ") + 4)}) {
            if (key.kind != Kind::count) bound = toml_string(bound);
            const std::string head = find_section(key.section)->repeated
                                         ? "[[lane]]\nname = \"a\"\n"
                                         : "[" + std::string(key.section) + "]\n";
            const std::string text = head + std::string(key.name) + " = " + bound + "\n";
            const auto config = parse_config(text, "respand.toml");
            EXPECT_TRUE(config) << text << config.error().message;
        }
    }
}

TEST(Config, AFileThatCanNotBeReadIsNamed) {
    const test::TempDir dir;
    const auto missing = load_config(dir.file("none.toml"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::no_input);
    EXPECT_THAT(missing.error().message, HasSubstr(dir.file("none.toml")));
    const auto directory = load_config(dir.path());
    ASSERT_FALSE(directory);
    EXPECT_THAT(directory.error().message, AllOf(HasSubstr(dir.path()), HasSubstr("directory")));
    std::ofstream(dir.file("large.toml")) << std::string(kMaxConfigBytes + 1, '#');
    const auto large = load_config(dir.file("large.toml"));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().kind, ErrorKind::config);
}

TEST(Config, AFileIsReadLikeItsText) {
    const test::TempDir dir;
    std::ofstream(dir.file("a.toml")) << "[spool]\nmax_size = \"9GiB\"\n";
    const auto good = load_config(dir.file("a.toml"));
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->spool.max_size, 9_GiB);
    std::ofstream(dir.file("b.toml")) << "[spool]\nmax_sice = \"9GiB\"\n";
    const auto bad = load_config(dir.file("b.toml"));
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.error().message, StartsWith(dir.file("b.toml") + ":2:1: "));
}

TEST(EditDistance, CountsTheChangesThatATypistMakes) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("abc", ""), 3u);
    EXPECT_EQ(edit_distance("mode", "mode"), 0u);
    EXPECT_EQ(edit_distance("mod", "mode"), 1u);
    EXPECT_EQ(edit_distance("moed", "mode"), 1u);
    EXPECT_EQ(edit_distance("max_sise", "max_size"), 1u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Registry, EveryKeyBelongsToASectionAndIsExplained) {
    for (const Key& key : keys()) {
        EXPECT_NE(find_section(key.section), nullptr) << key.full_name();
        EXPECT_EQ(find_key(key.section, key.name), &key) << "twice: " << key.full_name();
        EXPECT_TRUE(key.doc.ends_with('.')) << key.full_name();
    }
}

// ---- [upload]: TLS and proxy ----

TEST(Upload, TakesAClientCertificateAPinAndAProxy) {
    const auto config = parse_config(
        "[upload]\nclient_certificate = \"/etc/c.pem\"\nclient_key = { file = \"/etc/k.pem\" }\n"
        "pin_sha256 = \"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"\nmin_tls = \"1.3\"\n"
        "proxy = \"http://ann@proxy.example:3128\"\nproxy_password = { env = \"PROXY_PASSWORD\" }\n"
        "connection_max_age = \"1m\"\n",
        "respand.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->upload.network.client_certificate, "/etc/c.pem");
    EXPECT_EQ(config->credentials.client_key, KeySource{FileSource{"/etc/k.pem"}});
    EXPECT_EQ(config->credentials.proxy_password, KeySource{VariableSource{"PROXY_PASSWORD"}});
    EXPECT_EQ(config->upload.network.min_tls, "1.3");
    EXPECT_EQ(config->upload.network.connection_max_age, std::chrono::minutes(1));
}

TEST(Upload, TakesNoSecretOfAProxyOrCertificateAndDoesNotRepeatOne) {
    for (const char* line :
         {"proxy = \"http://ann:hunter2@proxy:3128\"", "proxy_password = \"hunter2\"",
          "client_key = \"hunter2\"", "proxy = \"http://ann:hunter2@proxy:3128",
          "proxy_password = { file = \"hunter2\" }", "proxy = \"socks5://ann:hunter2@proxy\"",
          "proxy = \"http://ann:hunter2@pro xy\""}) {
        const auto config = parse_config(std::string("[upload]\n") + line + "\n", "respand.toml");
        ASSERT_FALSE(config) << line;
        EXPECT_THAT(config.error().message, HasSubstr("respand.toml:2:")) << line;
        EXPECT_THAT(config.error().message, Not(HasSubstr("hunter2"))) << line;
    }
}

TEST(Upload, RefusesHalfOfAPair) {
    const auto fault = [](const std::string& lines) {
        const auto config = parse_config("[upload]\n" + lines, "respand.toml");
        return config ? std::string("good") : config.error().message;
    };
    EXPECT_THAT(fault("client_certificate = \"/c.pem\"\n"), HasSubstr("belong together"));
    EXPECT_THAT(fault("client_key = { env = \"K\" }\n"), HasSubstr("belong together"));
    EXPECT_THAT(fault("proxy_password = { env = \"P\" }\nproxy = \"http://proxy\"\n"), HasSubstr("user"));
    EXPECT_THAT(fault("pin_sha256 = \"sha1/abc\"\n"), HasSubstr("pin_sha256"));
    EXPECT_THAT(fault("proxy = \"https://proxy:3128\"\n"), HasSubstr("only http:// proxies"));
    EXPECT_THAT(fault("base_url = \"http://127.0.0.1\"\nproxy = \"http://proxy\"\n"),
                HasSubstr("show the API key"));
}

}  // namespace
}  // namespace respand::config
