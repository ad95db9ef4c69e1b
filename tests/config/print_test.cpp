#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "config/config.hpp"
#include "config/directories.hpp"
#include "config/lanes.hpp"
#include "slots.hpp"

namespace respand::config {
namespace {

using testing::HasSubstr;

/// Arbitrary but valid settings: what an operator could have written.
class Generator {
  public:
    explicit Generator(std::uint32_t seed) : random_(seed) {}

    Config config() {
        Config config = full_defaults(Environment{});
        config.lanes.emplace_back();
        for (const Key& key : keys()) fill(key, key.slot(config));
        config.lanes.clear();
        // These belong together.
        if (config.upload.network.client_certificate.empty())
            config.credentials.client_key.reset();
        else
            config.credentials.client_key = key_source();
        if (config.credentials.proxy_password) config.upload.network.proxy = "http://ann@proxy:3128";
        for (const Section& section : sections())
            if (number(0, 3) == 0) section.remove(config);
        for (std::int64_t n = number(0, 3); n > 0; --n) add_lane(config);
        return config;
    }

  private:
    void add_lane(Config& config) {
        Config scratch = scratch_of({{}, config.upload, config.credentials});
        for (const Key& key : keys())
            if (key.section == "lane") fill(key, key.slot(scratch));
        if (number(0, 1) == 0) {
            scratch.upload.base_url = "https://other.example/api";
            scratch.credentials.api_key = key_source();
            scratch.upload.max_connections = 7;
        }
        pipeline::LaneSettings& route = scratch.lanes.front().route;
        route.name = "lane-" + std::to_string(config.lanes.size());
        route.fallback = config.lanes.empty() ? "" : config.lanes.front().route.name;
        for (std::string& model : route.match.models) std::erase(model, '*');
        config.lanes.push_back(from_scratch(std::move(scratch)));
    }

    std::int64_t number(std::int64_t least, std::int64_t greatest) {
        return std::uniform_int_distribution<std::int64_t>(least, greatest)(random_);
    }

    std::string word() {
        static constexpr std::string_view kLetters = "abcXYZ019 .-_\"'\\#=[]{}$%&~,;";
        std::string text;
        for (std::int64_t n = number(1, 12); n > 0; --n)
            text += number(0, 9) == 0
                        ? std::string("ü€🙂")
                        : std::string(1, kLetters[static_cast<std::size_t>(
                                             number(0, static_cast<std::int64_t>(kLetters.size()) - 1))]);
        return text;
    }

    /// Unlike all others of this configuration.
    std::string path() { return "/" + word() + std::to_string(++paths_); }

    std::string choice(const Key& key) {
        return std::string(key.choices[static_cast<std::size_t>(
            number(0, static_cast<std::int64_t>(key.choices.size()) - 1))]);
    }

    KeySource key_source() {
        switch (number(0, 2)) {
            case 0:
                return CredentialSource{"name\"\\" + std::to_string(number(0, 99))};
            case 1:
                return FileSource{path()};
            default:
                return VariableSource{"KEY_" + std::to_string(number(0, 99))};
        }
    }

    void fill(const Key& key, const Slot& slot) {
        if (key.full_name() == "upload.base_url") return;  // their text is the part's business
        if (key.name == "listen") return;
        if (key.full_name() == "upload.proxy" || key.full_name() == "upload.pin_sha256") return;
        switch (key.kind) {
            case Kind::text:
                *std::get<std::string*>(slot) = key.may_be_empty && number(0, 1) == 0 ? "" : word();
                return;
            case Kind::path:
            case Kind::socket:
                *std::get<std::string*>(slot) = key.may_be_empty && number(0, 1) == 0 ? "" : path();
                return;
            case Kind::choice:
                EXPECT_EQ(assign(key, choice(key), slot), std::nullopt);
                return;
            case Kind::count:
                *std::get<std::uint32_t*>(slot) =
                    static_cast<std::uint32_t>(number(key.range.least, key.range.greatest));
                return;
            case Kind::flag:
                *std::get<bool*>(slot) = number(0, 1) == 0;
                return;
            case Kind::octal:  // nobody else: the control socket takes no more
                *std::get<std::uint32_t*>(slot) = static_cast<std::uint32_t>(number(0, 077) * 8);
                return;
            case Kind::size:
                std::get<ByteCount*>(slot)->value =
                    static_cast<std::uint64_t>(number(key.range.least, key.range.greatest));
                return;
            case Kind::duration:
                *std::get<std::chrono::microseconds*>(slot) =
                    std::chrono::microseconds{number(key.range.least, key.range.greatest)};
                return;
            case Kind::key_source:
                *std::get<KeySource*>(slot) = key_source();
                return;
            case Kind::optional_key_source:
                if (number(0, 1) == 0) *std::get<std::optional<KeySource>*>(slot) = key_source();
                return;
            case Kind::texts:
                for (std::int64_t n = number(0, 3); n > 0; --n)
                    std::get<std::vector<std::string>*>(slot)->push_back("x" + word());
                return;
            case Kind::counts:
                for (std::int64_t n = number(0, 3); n > 0; --n)
                    std::get<std::vector<std::uint32_t>*>(slot)->push_back(
                        static_cast<std::uint32_t>(number(key.range.least, key.range.greatest)));
                return;
        }
    }

    std::mt19937 random_;
    int paths_ = 0;
};

TEST(PrintConfig, WhatIsPrintedParsesBackToTheSame) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        const Config config = Generator(seed).config();
        const std::string text = print_config(config);
        const auto again = parse_config(text, "printed.toml");
        ASSERT_TRUE(again) << "seed " << seed << ": " << again.error().message << "\n" << text;
        ASSERT_EQ(fingerprint(*again), fingerprint(config)) << "seed " << seed << "\n" << text;
        ASSERT_EQ(print_config(*again), text) << "seed " << seed;
    }
}

TEST(PrintConfig, TheDefaultsOfAServiceAndOfAPersonAreConfigurationsThemselves) {
    Environment person;
    person.euid = 1000;
    person.home = "/home/ann";
    for (const Environment& environment : {Environment{}, person}) {
        const Config config = default_config(environment);
        // Read by somebody else: every value is in the text.
        const auto again = parse_config(print_config(config), "printed.toml");
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(fingerprint(*again), fingerprint(config));
    }
}

TEST(PrintConfig, NamesTheSourceOfTheKey) {
    EXPECT_THAT(print_config(default_config(Environment{})),
                HasSubstr("api_key = { credential = \"respan-api-key\" }"));
}

TEST(ConfigReference, HasEverySectionAndKeyWithItsDefault) {
    const std::string reference = config_reference();
    for (const Section& section : sections())
        EXPECT_THAT(reference, HasSubstr((section.repeated ? "### `[[" : "### `[") +
                                         std::string(section.name) + (section.repeated ? "]]`" : "]`")));
    Config defaults = full_defaults(Environment{});
    defaults.lanes.emplace_back();
    for (const Key& key : keys())
        EXPECT_THAT(reference,
                    HasSubstr("| `" + std::string(key.name) + "` | `" + to_toml(key, key.slot(defaults)) +
                              "` | " + describe_range(key) + " | " + std::string(key.doc) + " |"));
}

// ---- conf/respand.toml ----

std::string shipped() {
    std::ifstream file(RESPAND_SOURCE_DIR "/conf/respand.toml");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Takes the '#' from every line where it is followed by a key or a section.
std::string all_active(const std::string& text) {
    std::stringstream in(text);
    std::string out, line;
    while (std::getline(in, line)) {
        const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#';
        out += (setting ? line.substr(1) : line) + "\n";
    }
    return out;
}

TEST(ShippedConfiguration, LoadsAndHasADatagramAndAStreamListener) {
    const auto config = load_config(RESPAND_SOURCE_DIR "/conf/respand.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(fingerprint(*config), fingerprint(default_config(Environment{})));
}

TEST(ShippedConfiguration, ShowsEveryKeyWithItsDefault) {
    const auto config = parse_config(all_active(shipped()), "respand.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(fingerprint(*config), fingerprint(full_defaults(Environment{})));
    Config defaults = full_defaults(Environment{});
    for (const Key& key : keys()) {
        if (find_section(key.section)->repeated) continue;  // has no defaults: shown as an example
        // Between the key's section and the next one.
        const std::string text = all_active(shipped());
        const std::size_t from = text.find("\n[" + std::string(key.section) + "]\n");
        ASSERT_NE(from, std::string::npos) << key.section;
        const std::size_t to = text.find("\n[", from + 1);
        EXPECT_THAT(text.substr(from, to - from), HasSubstr("\n" + std::string(key.name) + " = " +
                                                            to_toml(key, key.slot(defaults)) + "\n"));
    }
}

}  // namespace
}  // namespace respand::config
