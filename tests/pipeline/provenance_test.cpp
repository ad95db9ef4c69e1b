// Where a price came from, from the record to the spool and back.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/intake.hpp"
#include "pipeline/upload_source.hpp"
#include "support/eventually.hpp"
#include "support/temp_dir.hpp"

namespace respand::pipeline {
namespace {

using Json = nlohmann::json;

constexpr const char* kPrices =
    R"({"format":"respand-pricing-1","models":{"a/model":{"input_per_million":1,"output_per_million":2}}})";

class ProvenanceTest : public ::testing::Test {
  protected:
    ProvenanceTest() { open(); }

    void open() {
        auto opened = spool::Spool::open({.path = dir_.file("spool.db")});
        ASSERT_TRUE(opened) << opened.error().message;
        spool_ = std::move(*opened);
        writer_ = std::make_unique<SpoolWriter>(io_, spool_thread_, aside_, *spool_, clock_);
        intake_ = std::make_unique<Intake>(*writer_, *pricing::PriceTable::parse(kPrices, "test", nullptr),
                                           Admission(spool::FullPolicy::block, 4_GiB), clock_, 7);
        intake_->pricer().resume(*spool_->sources(), spool_->next_source());
        source_ = std::make_unique<UploadSource>(io_, *writer_, clock_, spool_->totals());
        writer_->on_idle([this] { intake_->writer_idle(); });
        writer_->on_appended([this](auto commits) { source_->appended(commits); });
    }
    void close() {
        source_.reset();
        intake_.reset();
        writer_.reset();
        spool_.reset();
    }
    void send(std::string text) {
        const std::size_t size = text.size();
        text.append(kRecordPadding, ' ');
        intake_->record({text.data(), size}, {});
    }
    void commit() {
        intake_->drained(1);
        ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle(); }));
    }
    template <class Work>
    auto on_spool(Work work) {
        std::optional<decltype(work(*spool_))> got;
        writer_->ask(std::move(work), [&](auto result) { got = std::move(result); });
        EXPECT_TRUE(test::run_until(io_, [&] { return got.has_value(); }));
        return std::move(**got);
    }

    test::TempDir dir_;
    ManualClock clock_;
    boost::asio::io_context io_;
    runtime::Offload spool_thread_{io_};
    runtime::Offload aside_{io_};
    std::unique_ptr<spool::Spool> spool_;
    std::unique_ptr<SpoolWriter> writer_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<UploadSource> source_;
};

TEST_F(ProvenanceTest, EachRecordOfAChunkKeepsWhereItsPriceCameFrom) {
    send(R"({"model":"nobody","prompt_tokens":3,"completion_tokens":4})");
    send(R"({"model":"a/model","prompt_tokens":3,"completion_tokens":4})");
    send(R"({"model":"a/model","cost":1})");
    send(R"({"model":"A/Model","prompt_tokens":3,"completion_tokens":4})");
    commit();
    const auto sources = on_spool([](spool::Spool& s) { return s.sources(); });
    ASSERT_EQ(sources.size(), 1U);
    EXPECT_EQ(sources[0].key, "a/model");
    EXPECT_EQ(sources[0].rule, "exact");
    EXPECT_EQ(sources[0].table_id, intake_->prices().id());
    const auto chunks =
        on_spool([](spool::Spool& s) { return s.read(spool::kDefaultLane, 0, 500, 1 << 20); });
    ASSERT_EQ(chunks.size(), 1U);
    const auto id = sources[0].id;
    EXPECT_EQ(chunks[0].sources, (std::vector<spool::SourceId>{0, id, 0, id}));
}

TEST_F(ProvenanceTest, AfterARestartTheSameSourceHasItsNumber) {
    send(R"({"model":"a/model","prompt_tokens":3,"completion_tokens":4})");
    commit();
    close();
    open();
    send(R"({"model":"a/model","prompt_tokens":3,"completion_tokens":4})");
    commit();
    EXPECT_EQ(on_spool([](spool::Spool& s) { return s.sources(); }).size(), 1U);
    const auto chunks =
        on_spool([](spool::Spool& s) { return s.read(spool::kDefaultLane, 0, 500, 1 << 20); });
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0].sources, chunks[1].sources);
}

TEST_F(ProvenanceTest, ADeadLetterKeepsIt) {
    send(R"({"model":"nobody"})");
    send(R"({"model":"a/model","prompt_tokens":3,"completion_tokens":4})");
    commit();
    std::optional<std::vector<upload::Slice>> slices;
    source_->fetch(spool::kDefaultLane, upload::Order::oldest, 500, 1 << 20,
                   [&](auto got) { slices = std::move(got); });
    ASSERT_TRUE(test::run_until(io_, [&] { return slices.has_value(); }));
    source_->settle({{slices->front(), upload::Settlement::Outcome::dead, 422, "no"}});
    ASSERT_TRUE(test::run_until(io_, [this] { return writer_->idle() && writer_->level().pending == 0; }));
    const auto dead =
        on_spool([](spool::Spool& s) { return s.dead_letters({}, 10, spool::DeadOrder::oldest_first); });
    ASSERT_EQ(dead.size(), 2U);
    EXPECT_EQ(dead[0].source, spool::kNoSource);
    EXPECT_EQ(dead[1].source, on_spool([](spool::Spool& s) { return s.sources(); }).at(0).id);
}

TEST_F(ProvenanceTest, CoverageIsCommittedWithItsRecordsAndAgreesWithTheLedger) {
    for (int i = 0; i < 5; ++i) send(R"({"model":"a/model","prompt_tokens":3,"completion_tokens":4})");
    send(R"({"model":"nobody","prompt_tokens":3,"completion_tokens":4})");
    send(R"({"model":"a/model"})");
    send("no record");
    EXPECT_EQ(intake_->pricer().coverage().size(), 3U);
    commit();
    EXPECT_TRUE(intake_->pricer().coverage().empty());
    clock_.advance(std::chrono::hours{24});
    send(R"({"model":"nobody","prompt_tokens":3,"completion_tokens":4})");
    commit();
    const auto rows = on_spool([](spool::Spool& s) { return s.coverage(0); });
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].model, "a/model");
    EXPECT_EQ(rows[0].outcome, "no_usage");
    EXPECT_EQ(rows[1].outcome, "table");
    EXPECT_EQ(rows[1].records, 5U);
    EXPECT_EQ(rows[2].outcome, "unknown_model");
    EXPECT_EQ(rows[3].day, rows[2].day + 1);
    const auto audit = on_spool([](spool::Spool& s) { return s.audit(); });
    EXPECT_EQ(audit.ledger.at("priced", "table"), 5U);
    EXPECT_EQ(audit.ledger.at("unpriced", "unknown_model"), 2U);
    EXPECT_EQ(audit.ledger.at("unpriced", "no_usage"), 1U);
    EXPECT_TRUE(audit.faults.empty());
}

TEST_F(ProvenanceTest, AnnotationReachesTheRecordThatIsPosted) {
    intake_->pricer().set_annotate(true);
    send(R"({"model":"a/model","metadata":{"team":"x"},"prompt_tokens":3,"completion_tokens":4})");
    commit();
    const auto chunks =
        on_spool([](spool::Spool& s) { return s.read(spool::kDefaultLane, 0, 500, 1 << 20); });
    const Json record = Json::parse(chunks.at(0).body);
    EXPECT_EQ(record["metadata"]["team"], "x");
    EXPECT_EQ(record["metadata"]["respand_price_key"], "a/model");
    EXPECT_EQ(record["metadata"]["respand_price_table"], intake_->prices().id());
    EXPECT_EQ(record["cost"], 0.000011);
}

}  // namespace
}  // namespace respand::pipeline
