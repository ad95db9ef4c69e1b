// Who we are and whom we accept beside the chain: client certificates, pins, versions, ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <spdlog/spdlog.h>

#include <fstream>

#include "client.hpp"
#include "support/log_capture.hpp"
#include "support/temp_dir.hpp"
#include "upload/certificate.hpp"

namespace respand::upload {
namespace {

using respand::test::Certificate;
using respand::test::issue_certificate;
using respand::test::LogCapture;
using respand::test::make_certificate;
using test::Client;
using test::Peer;
using test::PeerServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string pin_of(const Certificate& certificate) {
    BIO* const bio =
        BIO_new_mem_buf(certificate.cert_pem.data(), static_cast<int>(certificate.cert_pem.size()));
    X509* const x509 = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    std::string pin = public_key_pin(x509);
    X509_free(x509);
    BIO_free(bio);
    return pin;
}

class Identity : public testing::Test {
  protected:
    std::string save(const std::string& text) {
        const std::string path = dir.file(std::to_string(++files) + ".pem");
        std::ofstream(path) << text;
        return path;
    }
    static void serve(Peer& peer, int) {
        while (!peer.read_request().empty()) peer.answer(201, "{}");
    }
    std::unique_ptr<Client> client_of(const PeerServer& server) {
        auto client = std::make_unique<Client>("https://localhost:" + server.port());
        client->settings.network.ca_file = save(authority.cert_pem);
        client->apply();
        return client;
    }
    void show(Client& client, const Certificate& ours) {
        client.settings.network.client_certificate = save(ours.cert_pem);
        client.credentials.client_key = ours.key_pem;
        client.apply();
    }
    /// Asks for a certificate that `clients` signed.
    std::function<void(SSL_CTX*)> wants_certificate(int version) {
        return [this, version](SSL_CTX* context) {
            SSL_CTX_set_max_proto_version(context, version);
            SSL_CTX_load_verify_file(context, save(clients.cert_pem).c_str());
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        };
    }

    respand::test::TempDir dir;
    int files = 0;
    Certificate authority = make_certificate("Test Authority");
    Certificate clients = make_certificate("Authority For Clients");
    Certificate certificate = issue_certificate("localhost", authority);
};

TEST_F(Identity, AServerThatWantsToKnowUsGetsOurCertificate) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        PeerServer server(&serve, &certificate, wants_certificate(version));
        auto client = client_of(server);
        show(*client, issue_certificate("respand-7", clients));
        const Reply reply = client->post();
        EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
        client->transport->cancel();
    }
}

TEST_F(Identity, AServerThatRefusesOursIsAnOperatorFaultThatNamesIt) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        PeerServer server(&serve, &certificate, wants_certificate(version));
        auto client = client_of(server);
        const auto refusal = [&] {
            const Reply reply = client->post();
            EXPECT_EQ(reply.fault, TransportFault::tls_refused)
                << version << name(reply.fault) << reply.detail;
            EXPECT_FALSE(reply.may_have_arrived);
            return reply.detail;
        };
        EXPECT_THAT(refusal(), HasSubstr("we show no certificate"));
        show(*client, issue_certificate("respand-7", clients, -3'600));
        EXPECT_THAT(refusal(), AllOf(HasSubstr("expired"), HasSubstr("CN = respand-7, valid from 20"),
                                     HasSubstr(" to 20")));
        show(*client, issue_certificate("stranger", authority));
        EXPECT_THAT(refusal(), HasSubstr("CN = stranger"));
    }
}

TEST_F(Identity, ACertificateAndKeyThatDoNotFitAreRefusedWithoutShowingTheKey) {
    const Certificate ours = make_certificate("respand-7");
    const auto fault = [&](const std::string& file, const std::string& key) {
        UploadSettings settings;
        settings.network.client_certificate = file;
        const auto made = make_destination(settings, {.api_key = "k", .client_key = key});
        if (made) return std::string("made");
        EXPECT_THAT(made.error().message, Not(HasSubstr(key.empty() ? "-" : key.substr(40, 20))));
        return made.error().message;
    };
    const std::string file = save(ours.cert_pem);
    EXPECT_EQ(fault(file, ours.key_pem), "made");
    EXPECT_EQ(fault(save(ours.cert_pem + ours.key_pem), ours.cert_pem + ours.key_pem), "made")
        << "both in one file";
    EXPECT_THAT(fault(file, make_certificate("other").key_pem),
                HasSubstr("does not belong to client_certificate"));
    EXPECT_THAT(fault(file, respand::test::encrypted_key(ours)), HasSubstr("passphrase"))
        << "and nobody is asked for it";
    EXPECT_THAT(fault(file, std::string(100, 'A')), HasSubstr("PEM form"));
    EXPECT_THAT(fault("/does/not/exist.pem", ours.key_pem),
                HasSubstr("client_certificate /does/not/exist.pem"));
}

TEST_F(Identity, AnyPinnedKeyOfTheChainWillDoAndNoOther) {
    PeerServer server(&serve, &certificate);
    auto client = client_of(server);
    const std::string other = pin_of(make_certificate("other"));
    for (const std::string& pins :
         {pin_of(certificate), pin_of(authority), other + " " + pin_of(certificate)}) {
        client->settings.network.pin_sha256 = pins;
        EXPECT_TRUE(client->settings.network.validate());
        client->apply();
        const Reply reply = client->post();
        EXPECT_EQ(reply.status, 201) << name(reply.fault) << ": " << reply.detail;
    }
    client->settings.network.pin_sha256 = other;
    client->apply();
    const Reply reply = client->post();
    EXPECT_EQ(reply.fault, TransportFault::tls_untrusted);
    EXPECT_THAT(reply.detail, AllOf(HasSubstr("CN = localhost"), HasSubstr(pin_of(certificate))));
    EXPECT_FALSE(reply.may_have_arrived);
    client->transport->cancel();
}

TEST_F(Identity, AServerWithOldTlsOnlyIsAnOperatorFault) {
    PeerServer server(&serve, &certificate,
                      [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); });
    auto client = client_of(server);
    EXPECT_EQ(client->post().status, 201);
    client->settings.network.min_tls = "1.3";
    client->apply();
    const Reply reply = client->post();
    EXPECT_EQ(reply.fault, TransportFault::tls_refused) << name(reply.fault) << ": " << reply.detail;
    EXPECT_THAT(reply.detail, HasSubstr("protocol"));
}

TEST_F(Identity, TheServerIsToldTheNameWeWant) {
    std::mutex mutex;
    std::vector<std::string> names;
    PeerServer server(
        [&](Peer& peer, int) {
            {
                const std::lock_guard lock(mutex);
                names.push_back(peer.server_name());
            }
            peer.read_request();
            peer.answer(201, "{}", "Connection: close\r\n");
        },
        &certificate);
    auto client = client_of(server);
    EXPECT_EQ(client->post().status, 201);
    client->settings.base_url = "https://127.0.0.1:" + server.port();
    client->apply();
    EXPECT_EQ(client->post().status, 201);
    const std::lock_guard lock(mutex);
    EXPECT_THAT(names, testing::ElementsAre("localhost", "")) << "an address is not named (RFC 6066)";
}

TEST_F(Identity, ACertificateThatExpiresWhileWeRunStopsDeliveryWithItsNameAndDates) {
    certificate = issue_certificate("localhost", authority, 2);
    PeerServer server(
        [](Peer& peer, int) {
            peer.read_request();
            peer.answer(201, "{}", "Connection: close\r\n");
        },
        &certificate);
    auto client = client_of(server);
    EXPECT_EQ(client->post().status, 201);
    Reply reply;
    ASSERT_TRUE(respand::test::eventually([&] {
        reply = client->post();
        return reply.status != 201;
    }));
    EXPECT_EQ(reply.fault, TransportFault::tls_untrusted) << name(reply.fault);
    EXPECT_THAT(reply.detail,
                AllOf(HasSubstr("expired"), HasSubstr("CN = localhost, valid from 20"), HasSubstr(" to 20")));
}

TEST_F(Identity, TheLogWarnsOfWhatEndsSoonOnceADay) {
    PeerServer server(
        [](Peer& peer, int) {
            peer.read_request();
            peer.answer(201, "{}", "Connection: close\r\n");
        },
        &certificate);
    const LogCapture log;
    auto client = client_of(server);  // the authority ends in 9 days
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client->post().status, 201);
    const std::string text = log.text();
    const auto first = text.find("the certificate authority of ");
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find("the certificate authority of ", first + 1), std::string::npos) << text;
    EXPECT_THAT(text, AllOf(HasSubstr(" days: CN = Test Authority, valid from"),
                            Not(HasSubstr("client certificate"))));
    show(*client, issue_certificate("respand-7", clients, -3'600));
    EXPECT_THAT(log.text(),
                AllOf(HasSubstr("the client certificate of "), HasSubstr("is over: CN = respand-7")));
}

}  // namespace
}  // namespace respand::upload
