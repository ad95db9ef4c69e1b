// price() stands in the path of every record: it allocates nothing. This file replaces operator new for the
// whole test program, to count.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "table_helper.hpp"

namespace {

thread_local std::size_t allocations = 0;

void* count_and_allocate(std::size_t size) {
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}

void* allocate(std::size_t size) {
    if (void* memory = count_and_allocate(size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
// Those that don't throw as well: what one of a family gives, its delete takes back.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return count_and_allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return count_and_allocate(size); }
// Not inlined: a compiler that sees free() but not what gave the memory takes them for a mismatch.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace respand::pricing {
namespace {

using test::facts_of;

TEST(Allocations, there_are_none_in_pricing_a_record) {
    const auto table = test::table_of(R"({
        "format": "respand-pricing-1",
        "models": {
            "gpt-5.5": {"provider": "openai", "input_per_million": 5, "output_per_million": 10,
                        "context_tiers": [{"above_input_tokens": 5, "input_per_million": 7}], "flex": {"input_per_million": 2}},
            "replicate/acme/painter": {"hardware": "gpu-t4"}},
        "hardware": {"gpu-t4": {"per_second": "0.000225"}},
        "prefix_rules": [{"prefix": "gateway/", "replace_with": ""}]})");
    std::vector<RecordFacts> records;
    for (const char* model :
         {"gpt-5.5", "OpenAI/GPT-5.5-2026-04-23", "gateway/gpt-5.5",
          "replicate/acme/painter:0123456789abcdef", "replicate/deployments/acme/painter",
          "an/unknown-model-with-a-name-that-is-much-longer-than-any-short-string", "somebody/something"}) {
        for (const CallEnd end : {CallEnd::succeeded, CallEnd::failed, CallEnd::aborted}) {
            RecordFacts facts = facts_of(model, {.input_text = 10, .reasoning = 3}, "OpenAI");
            facts.end = end;
            facts.service_tier = ServiceTier::flex;
            records.push_back(facts);
            facts.provider = "replicate";
            facts.usage = {};
            facts.units.run_seconds = Quantity::of(3);
            facts.hardware = "GPU-T4";
            records.push_back(facts);
            facts.provider_cost = "0.0000125";
            records.push_back(facts);
        }
    }
    const auto price_all = [&] {
        std::size_t known = 0;
        for (const RecordFacts& facts : records) known += price(facts, *table, test::kArrival).cost ? 1U : 0U;
        return known;
    };
    price_all();  // what is made once, is
    const std::size_t before = allocations;
    const std::size_t known = price_all();
    EXPECT_EQ(allocations, before);
    EXPECT_GT(known, records.size() / 2);
    EXPECT_GT(std::string(100, 'x').size() + allocations, before + 100) << "the counter counts";
}

}  // namespace
}  // namespace respand::pricing
