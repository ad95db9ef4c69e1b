// What the parser makes of a record, for tests that only look at the facts.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "record/padded.hpp"
#include "record/record_parser.hpp"

namespace respand::test {

/// The views of RecordFacts are not kept.
struct ReadFacts {
    UsageState state;
    TokenUsage usage;
    UnitUsage units;
    CallEnd end;
    ServiceTier tier;
    std::optional<WallTime> time;
    std::string hardware, provider, provider_cost;
};

/// `record` is one whole record.
inline ReadFacts read_record(const std::string& record) {
    static RecordParser parser;  // its memory is large
    const Padded text(record);
    const auto read = parser.parse(text.view());
    EXPECT_TRUE(read) << record;
    if (!read) return {};
    const RecordFacts& facts = read->facts;
    return {facts.usage_state,
            facts.usage,
            facts.units,
            facts.end,
            facts.service_tier,
            facts.time,
            std::string(facts.hardware),
            std::string(facts.provider),
            std::string(facts.provider_cost)};
}

/// `members` beside a model that nobody knows.
inline ReadFacts read_members(const std::string& members) {
    return read_record(R"({"model":"m",)" + members + "}");
}

/// `counts` inside `usage`, and that they add up.
inline TokenUsage read_usage(const std::string& counts, const std::string& members = R"("model":"m")") {
    const ReadFacts facts = read_record("{" + members + R"(,"usage":{)" + counts + "}}");
    EXPECT_EQ(facts.state, UsageState::present) << counts;
    return facts.usage;
}

inline UsageState state_of_usage(const std::string& counts) {
    return read_members(R"("usage":{)" + counts + "}").state;
}

}  // namespace respand::test
