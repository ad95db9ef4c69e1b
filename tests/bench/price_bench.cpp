// respand-price-bench: what pricing a record costs, and what a reload of prices does.
//
//   respand-price-bench [TABLE]
//
// TABLE is a price file (our own format or LiteLLM's); without one a table of 3,000 models in LiteLLM's form
// is made up, of the size of the real one. Prints the time to load it and to let go of it, and nanoseconds
// per price() for names found by each of the rules.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pricing/pricing.hpp"

namespace {

using namespace respand;
using namespace respand::pricing;

constexpr std::size_t kModels = 3'000;
constexpr int kLoads = 5;
constexpr int kRuns = 5;
constexpr int kPrices = 400'000;

/// Processor time of this thread in milliseconds: what else runs on the machine counts only where it empties
/// the caches.
double cpu_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// About as many keys a model as LiteLLM's table has, a tenth of them of Replicate, some with tiers.
std::string made_up_table() {
    std::string text = "{";
    for (std::size_t i = 0; i < kModels; ++i) {
        const std::string number = std::to_string(i);
        const bool replicate = i % 10 == 0;
        text += (i == 0 ? "" : ",");
        text +=
            "\n    \"" + std::string(replicate ? "replicate/owner/" : "vendor/") +
            "some-model-of-a-usual-length-" + number + "\": {\n        \"litellm_provider\": \"" +
            (replicate ? "replicate" : "openai") +
            "\",\n        \"mode\": \"chat\",\n        \"max_tokens\": 8192,\n        \"max_input_tokens\": "
            "200000,\n        \"input_cost_per_token\": 1." +
            number +
            "e-06,\n        \"output_cost_per_token\": 5e-06,\n        \"cache_read_input_token_cost\": "
            "1e-07,\n        \"cache_creation_input_token_cost\": 1.25e-06,\n        "
            "\"input_cost_per_token_above_200k_tokens\": 2e-06,\n        "
            "\"output_cost_per_token_priority\": 1e-05,\n";
        for (int key = 0; key < 4; ++key)
            text += "        \"supports_capability_number_" + std::to_string(key) + "\": true,\n";
        text += "        \"source\": \"https://example.com/a/page/of/prices\"\n    }";
    }
    return text + "\n}\n";
}

PricingSettings table_of(int argc, char** argv) {
    if (argc > 1) return {argv[1], ""};
    const std::string path = (std::filesystem::temp_directory_path() / "respand-price-bench.json").string();
    std::ofstream(path) << made_up_table();
    return {path, ""};
}

std::shared_ptr<const PriceTable> load(const PricingSettings& settings) {
    auto table = PriceTable::load(settings, nullptr);
    if (table) return *table;
    std::fprintf(stderr, "%s\n", table.error().message.c_str());
    std::exit(1);
}

void measure_loading(const PricingSettings& settings) {
    double loading = 1e9;
    double letting_go = 1e9;
    std::size_t models = 0;
    for (int i = 0; i < kLoads; ++i) {
        const double begin = cpu_ms();
        auto table = load(settings);
        const double loaded = cpu_ms();
        models = table->size();
        table.reset();
        loading = std::min(loading, loaded - begin);
        letting_go = std::min(letting_go, cpu_ms() - loaded);
    }
    std::printf("%zu models, %ju bytes: loaded in %.1f ms, let go in %.2f ms\n\n", models,
                static_cast<std::uintmax_t>(std::filesystem::file_size(settings.table)), loading, letting_go);
}

/// Records of one kind: each model of the table in turn, its name spelled by `spell`.
struct Kind {
    const char* what;
    std::string (*spell)(const std::string& key);
    std::size_t models =
        kModels;  ///< that take turns: all, which the caches do not hold, or a few, as in life
};

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string after_slash(const std::string& key) { return key.substr(key.find('/') + 1); }

const std::vector<Kind> kKinds = {
    {"ten models, names as the table has them", [](const std::string& key) { return key; }, 10},
    {"all models, names as the table has them", [](const std::string& key) { return key; }},
    {"in upper case, with a date", [](const std::string& key) { return upper(key) + "-20261101"; }},
    {"without its first part", after_slash},
    {"Replicate's, with a version",
     [](const std::string& key) {
         return after_slash(key) + ":0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
     }},
    {"of a provider that does not have it", [](const std::string& key) { return "groq/" + key; }},
};

void measure(const PriceTable& table, const Kind& kind) {
    std::vector<std::string> names;
    const std::size_t step = std::max<std::size_t>(1, table.size() / kind.models);
    for (std::size_t i = 0; i < table.size(); i += step) names.push_back(kind.spell(table.entries()[i].key));
    RecordFacts facts;
    facts.usage_state = UsageState::present;
    facts.usage = {.input_text = 1'200, .cache_read = 800, .output_text = 502, .reasoning = 64};
    const WallTime arrival = SystemClock{}.wall();
    double fastest = 1e9;
    std::size_t known = 0;
    for (int run = 0; run < kRuns; ++run) {
        known = 0;
        const double begin = cpu_ms();
        for (int i = 0; i < kPrices; ++i) {
            facts.model = names[static_cast<std::size_t>(i) % names.size()];
            known += price(facts, table, arrival).cost ? 1U : 0U;
        }
        fastest = std::min(fastest, (cpu_ms() - begin) * 1e6 / kPrices);
    }
    std::printf("%-40s %6.0f ns  %4.0f %% have a cost\n", kind.what, fastest,
                100.0 * static_cast<double>(known) / kPrices);
}

}  // namespace

int main(int argc, char** argv) {
    const PricingSettings settings = table_of(argc, argv);
    measure_loading(settings);
    const auto table = load(settings);
    for (const Kind& kind : kKinds) measure(*table, kind);
    return 0;
}
