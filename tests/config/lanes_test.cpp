// [[lane]] in a configuration.
#include <gmock/gmock.h>

#include "config/config.hpp"

namespace respand::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kUpload = "[upload]\nbase_url = \"https://a.example/api\"\nmax_connections = 3\n";

Config config_of(const std::string& lanes) {
    const auto config = parse_config(kUpload + lanes, "r.toml");
    EXPECT_TRUE(config) << config.error().message;
    return config ? *config : Config{};
}

std::string fault(const std::string& lanes) {
    const auto config = parse_config(kUpload + lanes, "r.toml");
    EXPECT_FALSE(config) << lanes;
    return config ? "" : config.error().message;
}

TEST(Lanes, HoldTheirMatchAndInheritWhatTheyDoNotSay) {
    const Config config = config_of(
        "[[lane]]\nname = \"a\"\nmodels = [\"openai/gpt-4o\", \"claude-*\"]\ncustomers = [\"c\"]\n"
        "uids = [0, 1000]\nweight = 3\nfallback = \"b\"\nfallback_after = \"90s\"\nmax_connections = 9\n"
        "api_key = { env = \"A\" }\n[[lane]]\nname = \"b\"\nweight = 0\n");
    ASSERT_EQ(config.lanes.size(), 2U);
    const LaneConfig& a = config.lanes[0];
    EXPECT_EQ(a.route.match, (pipeline::LaneMatch{{"openai/gpt-4o", "claude-*"}, {"c"}, {0, 1000}}));
    EXPECT_EQ(a.route.weight, 3U);
    EXPECT_EQ(a.route.fallback, "b");
    EXPECT_EQ(a.route.fallback_after, std::chrono::seconds(90));
    EXPECT_EQ(a.upload.max_connections, 9U);
    EXPECT_EQ(a.upload.base_url, "https://a.example/api");
    EXPECT_EQ(a.credentials.api_key, KeySource{VariableSource{"A"}});
    EXPECT_EQ(config.lanes[1].upload.max_connections, 3U);
    EXPECT_EQ(config.lanes[1].credentials.api_key, config.credentials.api_key);
    EXPECT_EQ(config.upload.max_connections, 3U);
}

TEST(Lanes, InheritWhereverUploadStands) {
    const auto config = parse_config("[[lane]]\nname = \"a\"\n[upload]\nmax_connections = 5\n", "r.toml");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->lanes.at(0).upload.max_connections, 5U);
}

TEST(Lanes, TellEachFaultWithItsLineAndWhatToDo) {
    EXPECT_THAT(fault("[[lane]]\nmodels = [\"m\"]\n"), AllOf(HasSubstr("r.toml:4:"), HasSubstr("name must")));
    EXPECT_THAT(fault("[[lane]]\nname = \"default\"\n"),
                AllOf(HasSubstr("r.toml:5:"), HasSubstr("[upload]")));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nmodel = [\"m\"]\n"),
                AllOf(HasSubstr("r.toml:6:1"), HasSubstr("did you mean 'lane.models'")));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nmodels = \"m\"\n"), HasSubstr("array of strings"));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nmodels = [1]\n"), HasSubstr("array of strings"));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nuids = [-1]\n"), HasSubstr("-1"));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nuids = [1.5]\n"), HasSubstr("array of whole numbers"));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nmode = \"fast\"\n"), HasSubstr("'lane.mode'"));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\n\n[[lane]]\nname = \"a\"\n"),
                AllOf(HasSubstr("r.toml:8:"), HasSubstr("twice")));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nfallback = \"b\"\n"),
                AllOf(HasSubstr("r.toml:6:"), HasSubstr("\"b\""), HasSubstr("no such lane")));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nfallback = \"a\"\n"), HasSubstr("the lane itself"));
    EXPECT_THAT(fault("[[lane]]\nname=\"a\"\nfallback=\"b\"\n[[lane]]\nname=\"b\"\nfallback=\"c\"\n"
                      "[[lane]]\nname=\"c\"\nfallback=\"a\"\n"),
                HasSubstr("\"a\" → \"b\" → \"c\" → \"a\""));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nbase_url = \"https://b.example/api\"\n"),
                AllOf(HasSubstr("r.toml:6:"), HasSubstr("own api_key")));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\napi_key = \"sk-secret\"\n"),
                AllOf(HasSubstr("does not belong"), testing::Not(HasSubstr("sk-secret"))));
    EXPECT_THAT(fault("[[lane]]\nname = \"a\"\nclient_certificate = \"/c.pem\"\n"),
                HasSubstr("client_certificate and client_key"));
    EXPECT_THAT(fault("[lane]\nname = \"a\"\n"), HasSubstr("[[lane]]"));
    EXPECT_THAT(fault("[lane.a]\nmodels = []\n"), HasSubstr("[[lane]]"));
    std::string many;
    for (int i = 0; i < 65; ++i) many += "[[lane]]\nname = \"l" + std::to_string(i) + "\"\n";
    EXPECT_THAT(fault(many), HasSubstr("at most 64"));
}

TEST(Lanes, ASoundOneIsNotBlamedForAFaultOfUpload) {
    const std::string told = fault("mode = \"fast\"\n[[lane]]\nname = \"a\"\n");
    EXPECT_EQ(std::ranges::count(told, '\n'), 0) << told;
}

}  // namespace
}  // namespace respand::config
