// The balance as it is printed.
#include "control/audit_screen.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "control/api.hpp"

namespace respand::control {
namespace {

namespace account = spool::account;

spool::Audit sound() {
    spool::Audit audit;
    audit.ledger.add(account::kReceived, {}, 1'010);
    audit.ledger.add(account::kRejected, "not_json", 7);
    audit.ledger.add(account::kDropped, "duplicate", 3);
    audit.ledger.add(account::kAccepted, {}, 1'000);
    audit.ledger.add(account::kDelivered, {}, 900);
    audit.ledger.add(account::kDead, {}, 12);
    audit.ledger.add(account::kRequeued, "operator:root", 2);
    audit.ledger.add(account::kDiscarded, "operator:root", 4);
    audit.ledger.add(account::kPurged, "operator:root", 4);
    audit.ledger.add(account::kLost, "damaged", 5);
    audit.ledger.add("priced", "table", 950);
    audit.lanes = {{"default", 3, 80, 6}, {"eu", 1, 5, 0}};
    audit.pending_rows = 85;
    audit.dead_rows = 6;
    audit.faults = faults_of(balance(audit.ledger, audit.lanes));
    return audit;
}

/// The line that has all these words; empty: there is none.
std::string line_with(const std::string& text, std::initializer_list<const char*> words) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        bool all = true;
        for (const char* word : words) all = all && line.find(word) != std::string::npos;
        if (all) return line;
        at = end == std::string::npos ? text.size() : end + 1;
    }
    return {};
}

TEST(AuditScreen, ShowsEachLineOfTheLedgerAndWhatWasCountedWithBothSums) {
    const auto screen = audit_screen(audit_json(sound()));
    ASSERT_TRUE(screen) << screen.error().message;
    EXPECT_TRUE(screen->ok) << screen->text;
    const std::initializer_list<std::initializer_list<const char*>> expected = {
        {"ledger", "received", " 1,010"},
        {"ledger", "rejected", "not_json", " 7"},
        {"ledger", "dropped", "duplicate", " 3"},
        {"sum", " 1,010"},
        {"counted", "pending", "lane default", " 80"},
        {"counted", "pending", "lane eu", " 5"},
        {"counted", "dead", "lane default", " 6"},
        {"ledger", "discarded", "operator:root", " 4"},
        {"ledger", "lost", "damaged", " 5"},
        {"ledger", "requeued", "operator:root", " 2"},
        {"difference", " 0", "ok"},
        {"ledger", "priced", "table", " 950"},
    };
    for (const auto& words : expected)
        EXPECT_NE(line_with(screen->text, words), "") << *words.begin() << "\n" << screen->text;
    EXPECT_EQ(screen->text.find("DOES NOT HOLD"), std::string::npos);
}

TEST(AuditScreen, ARecordThatVanishedShowsInItsEquationAndIsNotOk) {
    spool::Audit audit = sound();
    audit.lanes[0].pending -= 1;
    audit.faults = faults_of(balance(audit.ledger, audit.lanes));
    const auto screen = audit_screen(audit_json(audit));
    ASSERT_TRUE(screen);
    EXPECT_FALSE(screen->ok);
    EXPECT_NE(line_with(screen->text, {"difference", " 1", "DOES NOT HOLD"}), "") << screen->text;
    EXPECT_NE(line_with(screen->text, {"FAULT", "1000 against 999", "1 unaccounted for"}), "")
        << screen->text;
    audit.lanes[0].pending += 3;
    const auto json = nlohmann::json::parse(audit_json(audit));
    EXPECT_EQ(json["balance"][1]["difference"], -2);
    EXPECT_FALSE(json["balance"][1]["holds"]);
    EXPECT_TRUE(json["balance"][0]["holds"]);
}

TEST(AuditScreen, AnEmptySpoolIsInOrder) {
    const auto screen = audit_screen(audit_json({}));
    ASSERT_TRUE(screen);
    EXPECT_TRUE(screen->ok);
}

TEST(AuditScreen, WhatIsNotTheDaemonsAnswerIsRefused) {
    for (const char* text : {"", "{}", "[]", "not json", R"({"balance":[{}],"ledger":{},"ok":true})"})
        EXPECT_FALSE(audit_screen(text)) << text;
}

}  // namespace
}  // namespace respand::control
