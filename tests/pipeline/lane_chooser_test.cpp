#include "pipeline/lane_chooser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

namespace respand::pipeline {
namespace {

LaneSettings lane(LaneMatch match, std::uint32_t weight = 1) {
    LaneSettings settings;
    settings.match = std::move(match);
    settings.weight = weight;
    return settings;
}

template <class T, class Test>
bool any_of_or_none(const std::vector<T>& list, Test test) {
    return list.empty() || std::ranges::any_of(list, test);
}

bool matches(const LaneMatch& match, const LaneFacts& facts) {
    return any_of_or_none(match.models,
                          [&](const std::string& m) {
                              return m.back() == '*'
                                         ? facts.model.substr(0, m.size() - 1) == m.substr(0, m.size() - 1)
                                         : facts.model == m;
                          }) &&
           any_of_or_none(match.customers, [&](const std::string& c) { return facts.customer == c; }) &&
           any_of_or_none(match.uids, [&](std::uint32_t u) { return facts.uid == u; });
}

/// Reads the rules as the manual has them: the first in the file that matches, and those that match the same.
std::vector<std::size_t> allowed(const std::vector<LaneSettings>& lanes, const LaneFacts& facts) {
    std::optional<LaneMatch> taken;
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        if (lanes[i].weight == 0) continue;
        if (!taken && matches(lanes[i].match, facts)) taken = lanes[i].match.normalised();
        if (taken && lanes[i].match.normalised() == *taken) out.push_back(i + 1);
    }
    return out.empty() ? std::vector<std::size_t>{LaneChooser::kDefault} : out;
}

class Dice {
  public:
    explicit Dice(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t n) { return random_() % n; }
    template <class T>
    std::vector<T> some(const std::vector<T>& from) {
        std::vector<T> out;
        for (std::size_t n = below(4); n > 1; --n) out.push_back(from[below(from.size())]);
        return out;
    }
    LaneMatch match() { return {some(kPatterns), some(kCustomers), some(kUids)}; }
    LaneFacts facts() {
        LaneFacts facts{kModels[below(kModels.size())], {}};
        if (below(3) > 0) facts.customer = kCustomers[below(kCustomers.size())];
        if (below(3) > 0) facts.uid = kUids[below(kUids.size())];
        return facts;
    }

  private:
    const std::vector<std::string> kModels{"a/x", "a/xy", "a/", "b", "b/x", "c"};
    const std::vector<std::string> kPatterns{"a/x", "a/xy", "a/*", "a/x*", "*", "b", "b/*", "d"};
    const std::vector<std::string> kCustomers{"anna", "bo", "cy"};
    const std::vector<std::uint32_t> kUids{0, 1000, 1001};
    std::mt19937 random_;
};

TEST(LaneChooser, TakesTheFirstLaneThatMatchesWhateverTheRules) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        Dice dice(seed);
        std::vector<LaneSettings> lanes(dice.below(kMaxLanes + 1));
        for (LaneSettings& settings : lanes)
            settings = lane(dice.match(), static_cast<std::uint32_t>(dice.below(4)));
        LaneChooser chooser(lanes);
        for (int i = 0; i < 200; ++i) {
            const LaneFacts facts = dice.facts();
            const auto expected = allowed(lanes, facts);
            ASSERT_EQ(std::ranges::count(expected, chooser.choose(facts)), 1)
                << "seed " << seed << ", " << facts.model << ", " << facts.customer << ", " << facts.uid;
        }
    }
}

TEST(LaneChooser, WeightsAreKeptExactlyOverEachRoundAndNearlyWithinIt) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        Dice dice(seed);
        std::vector<LaneSettings> lanes(2 + dice.below(6));
        std::size_t total = 0;
        for (LaneSettings& settings : lanes) {
            settings = lane({.models = {"a", "b"}}, 1 + static_cast<std::uint32_t>(dice.below(20)));
            std::ranges::reverse(settings.match.models);
            total += settings.weight;
        }
        lanes.back().match.models = {"a", "b", "a"};  // means the same
        LaneChooser chooser(lanes);
        std::map<std::size_t, std::size_t> taken;
        for (std::size_t n = 1; n <= 3 * total; ++n) {
            ++taken[chooser.choose({"b", {}})];
            for (std::size_t i = 0; i < lanes.size(); ++i) {
                const double due = static_cast<double>(n * lanes[i].weight) / static_cast<double>(total);
                const double got = static_cast<double>(taken[i + 1]);
                if (n % total == 0)
                    ASSERT_EQ(taken[i + 1] * total, n * lanes[i].weight);
                else
                    ASSERT_NEAR(got, due, static_cast<double>(lanes.size())) << seed;
            }
        }
    }
}

TEST(LaneChooser, SendersOverUdpAndRecordsWithoutCustomerAreInNoList) {
    LaneChooser chooser({lane({.uids = {LaneFacts::kNobody}}), lane({.customers = {""}})});
    EXPECT_EQ(chooser.choose({"m", {}}), LaneChooser::kDefault);
    EXPECT_EQ(LaneChooser().choose({"m", "c", 0}), LaneChooser::kDefault);
}

TEST(LaneSettings, SayWhatIsWrongWithThem) {
    LaneSettings good;
    good.name = "team-a_1";
    good.match.models = {"openai/gpt-4o", "claude-*", "*"};
    EXPECT_TRUE(good.validate());
    const auto fault = [&](auto change, const char* says) {
        LaneSettings bad = good;
        change(bad);
        const Status status = bad.validate();
        ASSERT_FALSE(status) << says;
        EXPECT_NE(status.error().message.find(says), std::string::npos) << status.error().message;
    };
    fault([](auto& s) { s.name = ""; }, "1 to 64");
    fault([](auto& s) { s.name = "Team A"; }, "1 to 64");
    fault([](auto& s) { s.name = std::string(65, 'a'); }, "1 to 64");
    fault([](auto& s) { s.name = "default"; }, "lane of [upload]");
    fault([](auto& s) { s.match.models = {"a*b"}; }, "\"a*b\"");
    fault([](auto& s) { s.match.models = {""}; }, "models holds \"\"");
    fault([](auto& s) { s.match.customers = {""}; }, "customers");
    fault([](auto& s) { s.fallback = s.name; }, "the lane itself");
}

}  // namespace
}  // namespace respand::pipeline
