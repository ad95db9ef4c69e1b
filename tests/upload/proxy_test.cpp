// Proxies: which one is chosen, and going through a real one.
#include "upload/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client.hpp"
#include "proxy_server.hpp"
#include "support/temp_dir.hpp"
#include "upload/request_head.hpp"

namespace respand::upload {
namespace {

using respand::test::Certificate;
using respand::test::make_certificate;
using std::chrono::milliseconds;
using test::Client;
using test::Peer;
using test::PeerServer;
using test::ProxyServer;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

BaseUrl url_of(const std::string& text) { return *parse_base_url(text); }

/// Where a request goes first: "host:port" of the proxy, "direct", or the fault.
std::string way(const std::string& server, const std::string& setting, const ProxyVariables& variables = {}) {
    NetworkSettings settings;
    settings.proxy = setting;
    const auto proxy = choose_proxy(settings, {.api_key = "", .proxies = variables}, url_of(server));
    if (!proxy) return proxy.error().message;
    return *proxy ? (*proxy)->place() : "direct";
}

TEST(WhichProxy, IsTheOneOfTheSettingsElseThatOfTheEnvironmentForTheScheme) {
    const ProxyVariables both{.https_proxy = "http://secure:1", .http_proxy = "plain:2", .no_proxy = ""};
    EXPECT_EQ(way("https://api.test", ""), "direct");
    EXPECT_EQ(way("https://api.test", "", both), "secure:1");
    EXPECT_EQ(way("https://api.test", "none", both), "direct");
    EXPECT_EQ(way("https://api.test", "http://named", both), "named:80");
    EXPECT_EQ(way("https://api.test", "http://[::1]:3128/", both), "[::1]:3128");
    EXPECT_EQ(way("https://127.0.0.1", "", both), "direct") << "what is on this machine needs no proxy";
    EXPECT_EQ(way("http://localhost", "", both), "direct");
    EXPECT_EQ(way("https://127.0.0.1", "http://named:3", both), "named:3") << "unless it is asked for";
}

TEST(WhichProxy, IsNeverOneThatWouldShowTheKeyToTheNetwork) {
    EXPECT_THAT(way("http://127.0.0.1", "http://elsewhere:3128"), HasSubstr("show the API key"));
    EXPECT_EQ(way("http://127.0.0.1", "http://localhost:3128"), "localhost:3128");
}

TEST(WhichProxy, OfTheEnvironmentThatMakesNoSenseIsAFaultThatShowsNoPassword) {
    for (const char* text : {"socks5://a:hunter2@proxy", "https://a:hunter2@proxy", "http://a:hunter2@",
                             "http://a:hunter2@pro xy", "http://a:hunter2@proxy:0",
                             "http://a:%zzhunter2@proxy", "http://a:hunter2%0a@proxy"}) {
        const std::string fault =
            way("https://api.test", "", {.https_proxy = text, .http_proxy = "", .no_proxy = ""});
        EXPECT_THAT(fault, HasSubstr("environment variable HTTPS_PROXY")) << text;
        EXPECT_THAT(fault, Not(HasSubstr("hunter2")));
    }
}

TEST(ALogin, IsTakenFromTheUrlAndEncoded) {
    const auto proxy = choose_proxy(
        {},
        {.api_key = "",
         .proxies = {.https_proxy = "http://Aladdin:open%20sesame@proxy", .http_proxy = "", .no_proxy = ""}},
        url_of("https://api.test"));
    ASSERT_TRUE(proxy && *proxy);
    EXPECT_EQ((*proxy)->authorization(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617, section 2
}

TEST(NoProxy, NamesHostsSubdomainsAddressesAndNetworks) {
    struct Case {
        const char* list;
        const char* server;
        bool named;
    };
    for (const Case& c : std::initializer_list<Case>{
             {"*", "https://api.test", true},
             {"", "https://api.test", false},
             {"api.test", "https://api.test", true},
             {"API.Test", "https://api.test", true},
             {"test", "https://api.test", true},
             {".test", "https://api.test", true},
             {"*.test", "https://api.test", true},
             {"pi.test", "https://api.test", false},
             {"api.test", "https://other.api.test", true},
             {"other.api.test", "https://api.test", false},
             {"a.example, api.test", "https://api.test", true},
             {"a.example api.test", "https://api.test", true},
             {",,api.test,", "https://api.test", true},
             {"api.test:443", "https://api.test", true},
             {"api.test:8443", "https://api.test", false},
             {"10.1.2.3", "https://10.1.2.3", true},
             {"10.1.2.30", "https://10.1.2.3", false},
             {"10.0.0.0/8", "https://10.1.2.3", true},
             {"10.0.0.0/8", "https://11.1.2.3", false},
             {"10.0.0.0/8", "https://api.test", false},
             {"10.1.2.2/31", "https://10.1.2.3", true},
             {"10.1.2.0/31", "https://10.1.2.3", false},
             {"0.0.0.0/0", "https://10.1.2.3", true},
             {"10.0.0.0/33", "https://10.1.2.3", false},
             {"10.0.0.0/", "https://10.1.2.3", false},
             {"fd00::/8", "https://[fd12::1]", true},
             {"fd12:0::1", "https://[fd12::1]", true},
             {"[fd12::1]:443", "https://[fd12::1]", true},
             {"fe00::/8", "https://[fd12::1]", false},
             {"!!", "https://api.test", false},
         }) {
        EXPECT_EQ(no_proxy_names(c.list, url_of(c.server)), c.named) << c.list << " and " << c.server;
    }
}

class AProxy : public testing::Test {
  protected:
    static void serve(Peer& peer, int) {
        while (!peer.read_request().empty()) peer.answer(201, "{}");
    }
    /// A client that goes to `server` through `proxy`.
    std::unique_ptr<Client> through(const std::string& proxy, const std::string& server) {
        auto client = std::make_unique<Client>(server);
        std::ofstream(dir.file("ca.pem")) << certificate.cert_pem;
        client->settings.network.ca_file = dir.file("ca.pem");
        client->settings.network.proxy = proxy;
        client->apply();
        return client;
    }
    /// The reply when the proxy answers `text` to CONNECT.
    Reply refused_with(const std::string& text, milliseconds patience = std::chrono::seconds(10)) {
        PeerServer proxy([&](Peer& peer, int) {
            peer.read_head();
            peer.write(text);
            if (patience < std::chrono::seconds(10)) peer.wait_for_close();
        });
        auto client = through("http://ann@127.0.0.1:" + proxy.port(), "https://api.test");
        client->settings.connect_timeout = patience;
        client->credentials.proxy_password = "correct horse";
        client->apply();
        Reply reply = client->post();
        EXPECT_FALSE(reply.may_have_arrived);
        EXPECT_THAT(reply.detail, HasSubstr("the proxy 127.0.0.1:" + proxy.port()));
        EXPECT_THAT(reply.detail, Not(HasSubstr("correct horse")));
        return reply;
    }
    respand::test::TempDir dir;
    Certificate certificate = make_certificate("localhost");
};

TEST_F(AProxy, CarriesTheRequestAndSeesNeitherKeyNorRecords) {
    PeerServer server(&serve, &certificate);
    ProxyServer proxy;
    auto client = through(proxy.url(), "https://localhost:" + server.port() + "/api");
    for (int i = 0; i < 3; ++i) {
        const Reply reply = client->post();
        EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
    }
    client->transport->cancel();
    ASSERT_EQ(proxy.heads().size(), 1U) << "the tunnel is used again";
    EXPECT_EQ(proxy.heads()[0], "CONNECT localhost:" + server.port() + " HTTP/1.1\r\nHost: localhost:" +
                                    server.port() + "\r\nUser-Agent: " + std::string(kUserAgent));
}

TEST_F(AProxy, GetsItsLogin) {
    PeerServer server(&serve, &certificate);
    ProxyServer proxy("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    auto client = through(proxy.url("Aladdin"), "https://localhost:" + server.port() + "/api");
    const Reply refused = client->post();
    EXPECT_EQ(refused.fault, TransportFault::proxy_refused) << refused.detail;
    EXPECT_THAT(refused.detail, HasSubstr("refuses the login"));
    client->credentials.proxy_password = "open sesame";
    client->apply();
    const Reply reply = client->post();
    EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
    client->transport->cancel();
}

TEST_F(AProxy, OfTheEnvironmentIsUsedForAServerElsewhere) {
    const Certificate elsewhere = make_certificate("api.test");
    PeerServer server(&serve, &elsewhere);
    ProxyServer proxy;
    certificate = elsewhere;
    auto client = through("", "https://api.test:" + server.port());
    client->credentials.proxies.https_proxy = "http://proxy.test:" + proxy.port();
    std::vector<std::string> names;
    client->lookup = [port = proxy.port()](const std::string& host, const std::string&) {
        Resolved resolved;
        if (host == "proxy.test")
            resolved.addresses.push_back(
                {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(port))});
        return resolved;
    };
    client->apply();
    const Reply reply = client->post();
    EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
    client->transport->cancel();
    EXPECT_THAT(proxy.heads(), Each(StartsWith("CONNECT api.test:")));
}

TEST_F(AProxy, TakesAPlainRequestWithTheWholeUrl) {
    PeerServer server(&serve);
    ProxyServer proxy("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    auto client = through(proxy.url("Aladdin"), "http://127.0.0.1:" + server.port() + "/api");
    EXPECT_EQ(client->post().status, 407);
    client->credentials.proxy_password = "open sesame";
    client->apply();
    const Reply reply = client->post();
    EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
    client->transport->cancel();
    EXPECT_THAT(proxy.heads(), Each(StartsWith("POST http://127.0.0.1:" + server.port() +
                                               "/api/request-logs/bulk/ HTTP/1.1\r\n")));
}

TEST_F(AProxy, ThatRefusesNeedsAnOperatorAndOneThatCanNotGetThereDoesNot) {
    EXPECT_EQ(refused_with("HTTP/1.1 407 X\r\n\r\n").fault, TransportFault::proxy_refused);
    EXPECT_EQ(refused_with("HTTP/1.1 403 correct horse\r\n\r\n").fault, TransportFault::proxy_refused);
    EXPECT_EQ(refused_with("HTTP/1.1 302 X\r\nLocation: http://login/\r\n\r\n").fault,
              TransportFault::proxy_refused);
    EXPECT_EQ(refused_with("HTTP/1.1 502 X\r\n\r\n").fault, TransportFault::connect_failed);
    EXPECT_EQ(refused_with("HTTP/1.1 504 X\r\n\r\n").fault, TransportFault::connect_failed);
    EXPECT_EQ(refused_with("HTTP/1.1 429 X\r\n\r\n").fault, TransportFault::connect_failed);
    EXPECT_EQ(refused_with("").fault, TransportFault::connect_failed) << "closed";
}

TEST_F(AProxy, ThatSpeaksNonsenseOrNothingIsAFaultWithinItsTime) {
    std::string interim;
    for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 X\r\n\r\n";
    const std::string endless = "HTTP/1.1 200 X\r\nA: " + std::string(kMaxHeaderBytes, 'x');
    EXPECT_EQ(refused_with("SSH-2.0-OpenSSH\r\n").fault, TransportFault::bad_answer);
    EXPECT_EQ(refused_with(interim).fault, TransportFault::bad_answer);
    EXPECT_EQ(refused_with(endless).fault, TransportFault::bad_answer);
    EXPECT_EQ(refused_with("HTTP/1.1 200 X\r\n\r\nand more").fault, TransportFault::bad_answer);
    EXPECT_EQ(refused_with("HTTP/1.1 200 X\r\n", milliseconds(80)).fault, TransportFault::timeout);
}

TEST_F(AProxy, ThatIsNotThereIsAConnectFault) {
    std::string gone;
    {
        gone = PeerServer([](Peer&, int) {}).port();
    }
    auto client = through("http://127.0.0.1:" + gone, "https://api.test");
    const Reply reply = client->post();
    EXPECT_EQ(reply.fault, TransportFault::connect_failed);
    EXPECT_THAT(reply.detail, HasSubstr("connecting to the proxy 127.0.0.1:" + gone));
}

}  // namespace
}  // namespace respand::upload
