// respanctl price, as finance and operators run it: no daemon needed.
#include <algorithm>
#include <filesystem>

#include "e2e/daemon_fixture.hpp"

namespace respand::test {
namespace {

class Price : public DaemonTest {
  protected:
    void SetUp() override {
        write_file(old_, R"({"format": "respand-pricing-1", "version": "2026-11-01", "models": {
            "openai/gpt-x": {"input_per_million": "2", "output_per_million": "8", "aliases": ["gpt-x-latest"]},
            "replicate/acme/poster": {"per_image": "0.04"}}})");
        write_file(new_, R"({"format": "respand-pricing-1", "version": "2026-12-01", "models": {
            "openai/gpt-x": {"input_per_million": "1.5", "output_per_million": "8", "aliases": ["gpt-x-latest"]},
            "replicate/acme/poster": {"per_image": "0.04"}}})");
    }
    Finished price(std::vector<std::string> words) {
        words.insert(words.begin(), "price");
        return ctl(std::move(words));
    }
    void expect(const Finished& finished, int code, const std::vector<std::string>& words) {
        EXPECT_EQ(finished.code, code) << finished.output;
        for (const std::string& word : words)
            EXPECT_NE(finished.output.find(word), std::string::npos) << word << "\n" << finished.output;
    }

    std::string old_ = dir.file("old.json"), new_ = dir.file("new.json");
};

TEST_F(Price, OfACallIsExplainedAsASum) {
    write_config();
    expect(price({"explain", "--model", "meta/meta-llama-3-70b-instruct", "--input-tokens", "18",
                  "--output-tokens", "502"}),
           0, {"0.0013922", "replicate/meta/llama-3-70b-instruct", "alias", "pricing.json", "0.65", "2.75"});
    expect(price({"explain", "--model", "nobody/has-this", "--input-tokens", "1"}), 1, {"unknown_model"});
}

TEST_F(Price, OfRecordsIsExplainedEachAndTogether) {
    write_file(dir.file("records"),
               R"({"model":"gpt-x-latest","prompt_tokens":1000000,"completion_tokens":0})"
               "\n"
               R"({"model":"openai/gpt-x","cost":0.5,"prompt_tokens":1,"completion_tokens":1})"
               "\n\n"
               R"({"model":"nobody","prompt_tokens":1,"completion_tokens":1})"
               "\n");
    expect(price({"explain", dir.file("records"), "--table", old_}), 1,
           {"record    line 1", "openai/gpt-x (alias)", "cost      2 USD", "record    line 2",
            "the record's own is kept", "record    line 4", "unknown: unknown_model",
            "together  3 records, app 1, table 1, unknown_model 1", "cost      2 USD by provider and table"});
    const Finished json = price({"explain", dir.file("records"), "--table", old_, "--json", "--by-table"});
    EXPECT_EQ(json.code, 1);
    const Json first = Json::parse(json.output.substr(0, json.output.find('\n')));
    EXPECT_EQ(first["record"], "line 1");
    EXPECT_EQ(first["cost"], "2");
    EXPECT_EQ(std::count(json.output.begin(), json.output.end(), '\n'), 3) << json.output;
    EXPECT_EQ(json.output.find("\"app\""), std::string::npos) << "--by-table leaves the app's word aside";
}

TEST_F(Price, OfWhatIsNoRecordIsRefusedAndTheOthersAreExplained) {
    write_file(dir.file("records"), R"({"model":7})"
                                    "\n"
                                    R"({"model":"gpt-x-latest","prompt_tokens":1,"completion_tokens":1})");
    expect(price({"explain", dir.file("records"), "--table", old_}), 65,
           {"line 1: no record (no_model)", "record    line 2", "0.00001 USD"});
    expect(price({"explain", dir.file("none"), "--table", old_}), 66, {"none: No such file"});
    expect(price({"explain", "--table", old_}), 64, {"give a FILE of records"});
    expect(price({"explain", dir.file("records"), "--model", "x"}), 64, {"give a FILE of records"});
    expect(price({}), 64, {"subcommand"});
}

TEST_F(Price, OfRecordsOnStandardInputIsExplainedAsOfAFile) {
    write_file(dir.file("records"), R"({"model":"gpt-x-latest","prompt_tokens":1,"completion_tokens":1})"
                                    "\n");
    const auto piped = [this](const std::string& from) {
        return run(
            {"/bin/sh", "-c", program("respanctl") + " price explain - --table " + old_ + " < " + from},
            dir.file("piped.out"));
    };
    expect(piped(dir.file("records")), 0, {"record    line 1", "openai/gpt-x (alias)", "0.00001 USD"});
    EXPECT_EQ(piped(dir.file("records")).output,
              price({"explain", dir.file("records"), "--table", old_}).output);
    expect(piped("/dev/null"), 65, {"standard input holds no record"});
}

TEST_F(Price, ListFindsModelsByNameAliasAndProvider) {
    const Finished all = price({"list", "--table", old_});
    expect(all, 0, {"openai/gpt-x", "replicate/acme/poster", "image 0.04 per image", "always"});
    const Finished one = price({"list", "--table", old_, "--match", "X-LATEST"});
    expect(one, 0, {"openai/gpt-x (alias gpt-x-latest)"});
    EXPECT_EQ(one.output.find("poster"), std::string::npos) << one.output;
    expect(price({"list", "--table", old_, "--match", "*poster"}), 0, {"replicate/acme/poster"});
    expect(price({"list", "--table", old_, "--match", "?oster"}), 1, {"no model of the table matches"});
    expect(price({"list", "--table", old_, "--provider", "OpenAI"}), 0, {"openai/gpt-x"});
    const Finished file = price({"list", "--table", old_, "--match", "poster", "--json"});
    EXPECT_EQ(file.code, 0);
    write_file(dir.file("part.json"), file.output);
    expect(price({"check", dir.file("part.json")}), 0, {"part.json: good; 1 model"});
}

TEST_F(Price, CheckTellsFileLineAndKeyOfWhatIsWrong) {
    write_file(dir.file("warned.json"), R"({"format": "respand-pricing-1", "models": {
            "a": {"input_per_million": "1", "colour": "red"},
            "b": {"input_per_million": "-1"}}})");
    write_file(dir.file("alias.json"),
               R"({"format": "respand-pricing-1", "models": {"openai/gpt-x": {"aliases": ["our-x"]}}})");
    expect(price({"check", old_, dir.file("warned.json")}), 0,
           {"old.json: good; 2 models, 1 other name, version 2026-11-01", "warned.json:2: 'a'",
            "warned.json:3: 'b'", "warned.json: 2 warnings; 1 model"});
    write_file(dir.file("broken.json"), "{\"format\":\n oops}");
    expect(price({"check", dir.file("broken.json"), old_}), 65,
           {"broken.json:2:", "broken.json: UNUSABLE", "old.json: good"});
    expect(price({"check", dir.file("alias.json")}), 65, {"UNUSABLE"});
    expect(price({"check", "--over", old_, dir.file("alias.json")}), 0, {"alias.json: good"});
}

TEST_F(Price, CheckWithoutAFileChecksWhatTheDaemonWouldLoad) {
    write_config();
    expect(price({"check"}), 0, {"conf/pricing.json and ", ": good; "});
    std::filesystem::create_directory(dir.file("pricing.d"));
    write_file(dir.file("pricing.d") + "/ours.json", "{\n}");
    expect(price({"check"}), 65, {"ours.json", "UNUSABLE: a reload would be refused"});
    expect(price({"check", "--over", old_}), 64, {"--over needs a FILE"});
}

TEST_F(Price, DiffHasTheExitCodesOfDiff) {
    expect(price({"diff", old_, new_}), 1,
           {"~  openai/gpt-x", "2 -> 1.5 USD per 1M tokens (-25 %)", "1 changed, 1 the same"});
    expect(price({"diff", old_, old_}), 0, {"0 changed, 2 the same"});
    expect(price({"diff", old_, dir.file("none")}), 66, {"No such file"});
    EXPECT_EQ(Json::parse(price({"diff", old_, new_, "--json"}).output)["changed"], 1);
}

}  // namespace
}  // namespace respand::test
