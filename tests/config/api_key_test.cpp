#include "config/api_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"

namespace respand::config {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSecret = "sk-8Hq2";

class ApiKeyFile : public testing::Test {
  protected:
    FileSource file(const std::string& content, mode_t mode = 0600) {
        const std::string path = dir_.file("key");
        std::filesystem::remove(path);  // the one before may not be writable
        std::ofstream(path, std::ios::binary) << content;
        EXPECT_EQ(::chmod(path.c_str(), mode), 0);
        return {path};
    }
    /// The message for a source that must be refused.
    std::string fault(const KeySource& source, const Environment& environment = {}) {
        const auto key = read_api_key(source, environment);
        EXPECT_FALSE(key);
        return key ? std::string() : key.error().message;
    }
    test::TempDir dir_;
};

TEST_F(ApiKeyFile, IsReadWithoutItsLineEnd) {
    EXPECT_EQ(read_api_key(file("sk-1"), {}), "sk-1");
    EXPECT_EQ(read_api_key(file("sk-1\n"), {}), "sk-1");
    EXPECT_EQ(read_api_key(file("sk-1\r\n"), {}), "sk-1");
    EXPECT_EQ(read_api_key(file("sk-1", 0400), {}), "sk-1");
    const std::string longest(kMaxApiKeyBytes, 'k');
    EXPECT_EQ(read_api_key(file(longest + "\r\n"), {}), longest);
}

TEST_F(ApiKeyFile, WithAnythingButAKeyIsRefusedAndNotRepeated) {
    const std::string secret(kSecret);
    for (const std::string& content :
         {std::string(), std::string("\n"), secret + "\n\n", secret + " ", " " + secret,
          secret + "\n" + secret, secret + "\t", std::string("Bearer ") + secret,
          secret + std::string(1, '\0'), secret + "\xc3\xa4", secret + std::string(kMaxApiKeyBytes, 'k'),
          secret + std::string(1 << 20, 'k')}) {
        const std::string message = fault(file(content));
        EXPECT_THAT(message, HasSubstr("file " + dir_.file("key")));
        EXPECT_THAT(message, Not(HasSubstr(secret)));
    }
}

TEST_F(ApiKeyFile, ThatOthersCanReadOrWriteIsRefused) {
    for (const mode_t mode : {0640u, 0604u, 0644u, 0620u, 0602u})
        EXPECT_THAT(fault(file("sk-1", mode)), HasSubstr("open to other users; run: chmod 600"));
}

TEST_F(ApiKeyFile, ThatIsNoRegularFileIsRefusedWithoutWaiting) {
    EXPECT_THAT(fault(FileSource{dir_.path()}), HasSubstr("is not a regular file"));
    ASSERT_EQ(::mkfifo(dir_.file("fifo").c_str(), 0600), 0);
    EXPECT_THAT(fault(FileSource{dir_.file("fifo")}), HasSubstr("is not a regular file"));
    EXPECT_THAT(fault(FileSource{"/dev/zero"}), HasSubstr("is not a regular file"));
}

TEST_F(ApiKeyFile, ThatIsMissingIsNamed) {
    const auto key = read_api_key(FileSource{dir_.file("none")}, {});
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::no_input);
    EXPECT_THAT(key.error().message, HasSubstr(dir_.file("none")));
}

TEST_F(ApiKeyFile, OfACredentialIsTakenFromItsDirectoryWhateverItsMode) {
    file("sk-1\n", 0440);
    Environment environment;
    environment.variables["CREDENTIALS_DIRECTORY"] = dir_.path();
    EXPECT_EQ(read_api_key(CredentialSource{"key"}, environment), "sk-1");
    EXPECT_THAT(fault(CredentialSource{"other"}, environment), HasSubstr("credential 'other'"));
    EXPECT_THAT(fault(CredentialSource{"../key"}, environment), HasSubstr("without '/'"));
    EXPECT_THAT(fault(CredentialSource{"key"}), HasSubstr("LoadCredential="));
}

TEST_F(ApiKeyFile, OrAVariable) {
    Environment environment;
    environment.variables = {{"GOOD", "sk-1"}, {"EMPTY", ""}, {"BAD", "sk-8Hq2 "}};
    EXPECT_EQ(read_api_key(VariableSource{"GOOD"}, environment), "sk-1");
    EXPECT_THAT(fault(VariableSource{"EMPTY"}, environment), HasSubstr("environment variable EMPTY"));
    EXPECT_THAT(fault(VariableSource{"NONE"}, environment), HasSubstr("export it"));
    EXPECT_THAT(fault(VariableSource{"BAD"}, environment), Not(HasSubstr(kSecret)));
    EXPECT_THAT(fault(VariableSource{"sk-8Hq2"}, environment), Not(HasSubstr(kSecret)));
}

TEST_F(ApiKeyFile, TheOtherSecretsAreReadByTheSameRules) {
    Environment environment;
    environment.variables = {{"PASSWORD", "two words \u00fc"},
                             {"https_proxy", "http://lower:1"},
                             {"HTTPS_PROXY", "http://upper:2"},
                             {"NO_PROXY", "example.org"}};
    const CredentialSources sources{
        .api_key = file("sk-1\n"), .proxy_password = VariableSource{"PASSWORD"}, .client_key = std::nullopt};
    const auto read = read_credentials(sources, environment);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->api_key, "sk-1");
    EXPECT_EQ(read->proxy_password, "two words \u00fc");
    EXPECT_EQ(read->proxies.https_proxy, "http://lower:1");
    EXPECT_EQ(read->proxies.http_proxy, "");
    EXPECT_EQ(read->proxies.no_proxy, "example.org");
}

TEST_F(ApiKeyFile, AClientKeyThatOthersCanReadIsRefused) {
    const std::string pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    CredentialSources sources{.api_key = VariableSource{"KEY"}, .proxy_password = {}, .client_key = {}};
    Environment environment;
    environment.variables = {{"KEY", "sk-1"}};
    sources.client_key = file(pem + "\n", 0600);
    ASSERT_TRUE(read_credentials(sources, environment));
    EXPECT_EQ(read_credentials(sources, environment)->client_key, pem);
    sources.client_key = file(pem, 0640);
    const auto refused = read_credentials(sources, environment);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("the client certificate's key from file"));
    EXPECT_THAT(refused.error().message, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace respand::config
