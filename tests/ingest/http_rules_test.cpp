// The pure parts of the HTTP listener: what a request means, how a body is cut, what is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "ingest/http_rules.hpp"

namespace respand::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> pieces(BodyShape shape, std::string_view body) {
    const auto records = cut(shape, body);
    if (!records) return {std::string(describe(records.error()))};
    return {records->begin(), records->end()};
}
CutFault fault(BodyShape shape, std::string_view body) {
    const auto records = cut(shape, body);
    EXPECT_FALSE(records) << body;
    return records ? CutFault::nothing : records.error();
}

TEST(JsonCut, AnArrayIsCutAtItsCommasAndNowhereElse) {
    EXPECT_THAT(pieces(BodyShape::json, R"( [ {"a":"],}"} , [1,[2]],"x\"y\\", 5 ,null ] )"),
                ElementsAre(R"({"a":"],}"})", "[1,[2]]", R"("x\"y\\")", "5", "null"));
    EXPECT_THAT(pieces(BodyShape::json, R"([{"a":"\\\\\"]"}])"), ElementsAre(R"({"a":"\\\\\"]"})"));
}

TEST(JsonCut, ABodyThatIsNoArrayIsOneRecordWhateverItHolds) {
    EXPECT_THAT(pieces(BodyShape::json, " {\"a\":1} "), ElementsAre(" {\"a\":1} "));
    EXPECT_THAT(pieces(BodyShape::json, "nonsense"), ElementsAre("nonsense"));
    EXPECT_THAT(pieces(BodyShape::record, "[1,2]"), ElementsAre("[1,2]")) << "the create call takes one";
}

TEST(JsonCut, ABadElementIsCutOutLikeAnyOther) {
    EXPECT_THAT(pieces(BodyShape::json, R"([{"a":NaN},{"b" 1},tru])"),
                ElementsAre(R"({"a":NaN})", R"({"b" 1})", "tru"));
}

TEST(JsonCut, TheBulkCallsRowsAreFoundAmongOtherMembers) {
    EXPECT_THAT(pieces(BodyShape::logs, R"({"x":{"logs":[9]},"logs":[{"a":1},{"b":2}],"y":"]"})"),
                ElementsAre(R"({"a":1})", R"({"b":2})"));
    EXPECT_EQ(fault(BodyShape::logs, R"({"x":1})"), CutFault::no_logs);
    EXPECT_EQ(fault(BodyShape::logs, R"({})"), CutFault::no_logs);
    EXPECT_EQ(fault(BodyShape::logs, R"([{"a":1}])"), CutFault::no_logs);
    EXPECT_EQ(fault(BodyShape::logs, R"({"logs":{"a":1}})"), CutFault::no_logs);
    EXPECT_EQ(fault(BodyShape::logs, R"({"logs":[1],"logs":[2]})"), CutFault::no_logs) << "which of them?";
    EXPECT_EQ(fault(BodyShape::logs, R"({"logs":[]})"), CutFault::nothing);
}

TEST(JsonCut, LinesAreRecordsAndTheLastNeedsNoEnd) {
    EXPECT_THAT(pieces(BodyShape::lines, "{\"a\":1}\r\n\n  \n{\"b\":2}"),
                ElementsAre("{\"a\":1}\r", "{\"b\":2}"));
    EXPECT_EQ(fault(BodyShape::lines, "\n \r\n"), CutFault::nothing);
}

TEST(JsonCut, WhatCantBeCutIsTakenNotAtAll) {
    for (const char* body :
         {"[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1] x", "[\"a]", "[{]", "[{\"a\":1}"})
        EXPECT_EQ(fault(BodyShape::json, body), CutFault::broken) << body;
    for (const char* body : {"{", R"({"logs")", R"({"logs":)", R"({"logs":[1)", R"({"logs":[1]} x)",
                             R"({"a":1,})", R"({1:2})", R"({"a" 1})", "x"})
        EXPECT_EQ(fault(BodyShape::logs, body), CutFault::broken) << body;
    for (const auto shape : {BodyShape::record, BodyShape::json, BodyShape::lines, BodyShape::logs})
        EXPECT_EQ(fault(shape, " \n"), CutFault::nothing);
}

TEST(JsonCut, TheNumberOfRecordsIsBounded) {
    std::string body = "[";
    for (std::size_t i = 0; i < kMaxRecords; ++i) body += i == 0 ? "1" : ",1";
    EXPECT_EQ(cut(BodyShape::json, body + "]")->size(), kMaxRecords);
    EXPECT_EQ(fault(BodyShape::json, body + ",1]"), CutFault::too_many);
    std::string lines;
    for (std::size_t i = 0; i <= kMaxRecords; ++i) lines += "1\n";
    EXPECT_EQ(fault(BodyShape::lines, lines), CutFault::too_many);
}

TEST(JsonCut, WhateverIsJoinedComesApartAgain) {
    std::mt19937 random(7);
    const std::vector<std::string> values{"1",  "\"a,b\"", "\"\\\\\"",       "\"\\\"]\"",
                                          "{}", "[]",      "{\"a\":[1,{}]}", "-1e9"};
    const std::vector<std::string> spaces{"", " ", "\n", "\t\r\n "};
    const auto any = [&](const auto& from) { return from[random() % from.size()]; };
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> wanted;
        std::string body = any(spaces) + "[" + any(spaces);
        for (auto left = 1 + random() % 6; left > 0; --left) {
            wanted.push_back(any(values));
            body += wanted.back() + any(spaces) + (left > 1 ? "," + any(spaces) : "");
        }
        body += "]" + any(spaces);
        EXPECT_EQ(pieces(BodyShape::json, body), wanted) << body;
    }
}

HttpHead post(std::string_view target, std::string_view type = "application/json") {
    HttpHead head{"POST", target, type, "", ""};
    head.content_length = 10;
    return head;
}
int refused(const HttpHead& head) {
    const auto planned = plan(head, 1000);
    EXPECT_FALSE(planned);
    return planned ? 0 : planned.error().status;
}

TEST(HttpPlan, TheApisOwnCallsAndTheNativeOneAreTakenWithOrWithoutASlash) {
    for (const char* target : {"/api/request-logs/create/", "/api/request-logs/create", "/api/request-logs/"})
        EXPECT_EQ(plan(post(target), 1000)->call, HttpCall::create) << target;
    for (const char* target : {"/api/request-logs/bulk/", "/api/request-logs/bulk?x=1"})
        EXPECT_EQ(plan(post(target), 1000)->shape, BodyShape::logs) << target;
    EXPECT_EQ(plan(post("/v1/records"), 1000)->shape, BodyShape::json);
    EXPECT_EQ(plan(post("/v1/records/", "application/json; charset=utf-8"), 1000)->shape, BodyShape::json);
    EXPECT_EQ(plan(post("/v1/records", "Application/X-NDJSON"), 1000)->shape, BodyShape::lines);
    EXPECT_EQ(plan({"GET", "/healthz", "", "", ""}, 1000)->call, HttpCall::health);
}

TEST(HttpPlan, WhatAWebPageCanSendWithoutAskingIsRefused) {
    for (const char* type :
         {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"})
        for (const char* target : {"/v1/records", "/api/request-logs/create/", "/api/request-logs/bulk/"})
            EXPECT_EQ(refused(post(target, type)), 415) << target << " " << type;
    HttpHead page = post("/v1/records");
    page.has_origin = true;
    EXPECT_EQ(refused(page), 403);
}

TEST(HttpPlan, EachOtherFaultHasItsStatus) {
    EXPECT_EQ(refused(post("/v1/record")), 404);
    EXPECT_EQ(refused(post("/")), 404);
    HttpHead head = post("/v1/records");
    head.method = "GET";
    EXPECT_EQ(refused(head), 405);
    EXPECT_EQ(plan(head, 1000).error().allow, "POST");
    head = post("/v1/records");
    head.content_length.reset();
    EXPECT_EQ(refused(head), 411);
    head.chunked = true;
    EXPECT_TRUE(plan(head, 1000));
    head = post("/v1/records");
    head.content_length = 1001;
    EXPECT_EQ(refused(head), 413);
    head = post("/v1/records");
    head.content_encoding = "gzip";
    EXPECT_EQ(refused(head), 415);
    head = post("/v1/records");
    head.expect = "a-miracle";
    EXPECT_EQ(refused(head), 417);
    head = post("/v1/records");
    head.other_encoding = true;
    EXPECT_EQ(refused(head), 501);
    EXPECT_EQ(refused(post("/healthz")), 405);
}

Verdict bad() { return {Verdict::Outcome::refused, "no_model", "name the model", {}}; }
Verdict full() { return {Verdict::Outcome::dropped, "queue_full", "later", {}}; }
Verdict twice() { return {Verdict::Outcome::duplicate, "duplicate", "before", {}}; }
Verdict good(std::string_view id = {}) { return {Verdict::Outcome::accepted, {}, {}, id}; }

HttpAnswer answer_to(HttpCall call, const std::vector<Verdict>& verdicts) {
    HttpOutcome outcome(call);
    for (const Verdict& verdict : verdicts) outcome.add(verdict);
    return outcome.answer();
}

TEST(HttpOutcome, TheNativeAnswerNamesEachRecord) {
    EXPECT_EQ(answer_to(HttpCall::records, {good("id-1"), bad(), good(), twice()}).body,
              R"({"accepted":2,"refused":1,"duplicates":[3],"ids":["id-1",null,null,null],)"
              R"("errors":[{"index":1,"reason":"no_model","error":"name the model"}]})"
              "\n");
}

TEST(HttpOutcome, TheBulkAnswerIsTheApis) {
    const HttpAnswer answer = answer_to(HttpCall::bulk, {good("id-1"), bad()});
    EXPECT_EQ(answer.status, 201);
    EXPECT_THAT(answer.body, AllOf(HasSubstr(R"("success_count":1,"error_count":1,"errors":[{"index":1,)"),
                                   HasSubstr(R"("error":"name the model"})")));
}

TEST(HttpOutcome, TheCreateAnswerIsOneOfTwo) {
    EXPECT_EQ(answer_to(HttpCall::create, {good("id-1")}).body,
              "{\"message\":\"log successful\",\"id\":\"id-1\"}\n");
    EXPECT_EQ(answer_to(HttpCall::create, {twice()}).body,
              "{\"message\":\"log successful\",\"id\":null,\"duplicate\":true}\n");
    EXPECT_EQ(answer_to(HttpCall::create, {bad()}).body,
              "{\"detail\":\"name the model\",\"reason\":\"no_model\"}\n");
}

TEST(HttpOutcome, TheLargestAnswerIsStillSmall) {
    const std::string id(36, 'x');
    Verdict wordy = bad();
    const std::string words(200, 'w');
    wordy.words = words;
    for (const auto& verdict : {wordy, good(id), twice()}) {
        const HttpAnswer answer = answer_to(HttpCall::records, std::vector(kMaxRecords, verdict));
        EXPECT_LT(answer.body.size(), 100'000U);
    }
    const HttpAnswer refused = answer_to(HttpCall::bulk, std::vector(kMaxRecords, wordy));
    EXPECT_THAT(refused.body, HasSubstr(R"({"index":999,"reason":"no_model","error":"no_model"})"));
}

TEST(HttpOutcome, TheStatusSaysWhetherToSendAgain) {
    for (const auto call : {HttpCall::bulk, HttpCall::records}) {
        EXPECT_EQ(answer_to(call, {bad(), good()}).status, 201) << "some are durable";
        EXPECT_EQ(answer_to(call, {twice()}).status, 201) << "it is durable";
        EXPECT_EQ(answer_to(call, {bad(), bad()}).status, 400);
        EXPECT_EQ(answer_to(call, {bad(), full()}).status, 503);
        EXPECT_GT(answer_to(call, {full()}).retry_after.count(), 0);
    }
}

TEST(HttpAnswers, ThatAskForPatienceSayForHowLong) {
    for (const HttpAnswer& answer :
         {unavailable(), too_busy(), stopping(), not_durable_yet(), never_durable()}) {
        EXPECT_EQ(answer.status, 503);
        EXPECT_GT(answer.retry_after.count(), 0) << answer.body;
    }
    EXPECT_THAT(not_durable_yet().body, HasSubstr(R"({"taken":true,"detail":)"));
    for (const HttpAnswer& answer : {unavailable(), too_busy(), stopping(), never_durable()})
        EXPECT_THAT(answer.body, Not(HasSubstr("\"taken\""))) << "to be sent again";
}

}  // namespace
}  // namespace respand::ingest
