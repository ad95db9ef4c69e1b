#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "upload/upload_settings.hpp"

namespace respand::upload {
namespace {

using testing::HasSubstr;

TEST(BaseUrlIsTakenApart, WithDefaultsForWhatIsLeftOut) {
    struct Case {
        std::string text, host, port, prefix, header;
        bool tls;
    };
    for (const Case& c : {
             Case{"https://api.respan.ai/api", "api.respan.ai", "443", "/api", "api.respan.ai", true},
             Case{"https://api.respan.ai/api/", "api.respan.ai", "443", "/api", "api.respan.ai", true},
             Case{"HTTPS://API.Respan.AI", "api.respan.ai", "443", "", "api.respan.ai", true},
             Case{"https://h:8443/a/b//", "h", "8443", "/a/b", "h:8443", true},
             Case{"http://127.0.0.1:9000", "127.0.0.1", "9000", "", "127.0.0.1:9000", false},
             Case{"http://[::1]:9000/api", "::1", "9000", "/api", "[::1]:9000", false},
             Case{"https://[2001:DB8::1]", "2001:db8::1", "443", "", "[2001:db8::1]", true},
             Case{"http://localhost:80/x", "localhost", "80", "/x", "localhost", false},
         }) {
        const auto url = parse_base_url(c.text);
        ASSERT_TRUE(url) << c.text << ": " << url.error().message;
        EXPECT_EQ(url->host, c.host);
        EXPECT_EQ(url->port, c.port);
        EXPECT_EQ(url->prefix, c.prefix);
        EXPECT_EQ(url->tls, c.tls);
        EXPECT_EQ(url->host_header(), c.header);
    }
}

TEST(BaseUrlIsRefused, WithAMessageThatNamesTheFault) {
    for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
             {"", "no scheme"},
             {"api.respan.ai/api", "no scheme"},
             {"ftp://host", "must be https"},
             {"https://", "no host"},
             {"https:///api", "no host"},
             {"https://host:0", "port"},
             {"https://host:65536", "port"},
             {"https://host:", "port"},
             {"https://host:12x", "port"},
             {"https://[::1", "not closed"},
             {"https://[nonsense]", "not an IPv6"},
             {"https://[::1]x", ":PORT"},
             {"https://host/a b", "blank"},
             {"https://host/a\r\nX: y", "blank"},
             {"https://h\xC3\xB6st/", "ASCII"},
             {"https://host/?a=b", "query"},
             {"https://host/#x", "query or a fragment"},
             {"https://ho$t/", "host name"},
             {"https://host/api/request-logs/", "leave out"},
             {"https://host/api/request-logs/bulk/", "leave out"},
         }) {
        const auto url = parse_base_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().kind, ErrorKind::config);
        EXPECT_THAT(url.error().message, HasSubstr(words)) << text;
    }
}

TEST(BaseUrlIsRefused, WithoutShowingAPasswordInIt) {
    const auto url = parse_base_url("https://me:s3cret@host/api");
    ASSERT_FALSE(url);
    EXPECT_THAT(url.error().message, Not(HasSubstr("s3cret")));
}

TEST(UploadSettings, DefaultsAreValid) { EXPECT_TRUE(UploadSettings{}.validate()); }

TEST(UploadSettings, PlainHttpIsForLoopbackOnly) {
    for (const char* good : {"http://localhost:1", "http://127.9.8.7:1", "http://[::1]:1"}) {
        UploadSettings settings;
        settings.base_url = good;
        EXPECT_TRUE(settings.validate()) << good;
    }
    for (const char* bad : {"http://api.respan.ai/api", "http://10.0.0.1", "http://localhost.example.org",
                            "http://[2001:db8::1]", "http://128.0.0.1", "http://0.0.0.0"}) {
        UploadSettings settings;
        settings.base_url = bad;
        const auto status = settings.validate();
        ASSERT_FALSE(status) << bad;
        EXPECT_THAT(status.error().message, HasSubstr("loopback"));
    }
}

TEST(UploadSettings, ValuesOutOfRangeNameTheirKey) {
    const auto refused = [](auto change) {
        UploadSettings settings;
        change(settings);
        const auto status = settings.validate();
        return status ? std::string("accepted") : status.error().message;
    };
    using std::chrono::microseconds;
    EXPECT_THAT(refused([](auto& s) { s.max_connections = 0; }), HasSubstr("max_connections"));
    EXPECT_THAT(refused([](auto& s) { s.max_connections = 65; }), HasSubstr("max_connections"));
    EXPECT_THAT(refused([](auto& s) { s.linger = microseconds{-1}; }), HasSubstr("linger"));
    EXPECT_THAT(refused([](auto& s) { s.max_body = 0_B; }), HasSubstr("max_body"));
    EXPECT_THAT(refused([](auto& s) { s.max_body = 1_GiB; }), HasSubstr("max_body"));
    EXPECT_THAT(refused([](auto& s) { s.connect_timeout = microseconds{0}; }), HasSubstr("connect_timeout"));
    EXPECT_THAT(refused([](auto& s) { s.request_timeout = std::chrono::hours(2); }),
                HasSubstr("request_timeout"));
    EXPECT_EQ(refused([](auto& s) { s.bulk_requests_per_minute = 0; }), "accepted");
}

}  // namespace
}  // namespace respand::upload
