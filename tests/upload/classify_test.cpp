#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "upload/classify.hpp"
#include "upload/text.hpp"

namespace respand::upload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kUrl = "https://host/api/request-logs/bulk/";

Reply reply(int status, std::string body = "") {
    Reply out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

Verdict judge(const Reply& answer, std::size_t records = 10, Endpoint endpoint = Endpoint::bulk) {
    return classify(answer, {.url = kUrl, .records = records, .endpoint = endpoint, .now = {}});
}

std::vector<std::uint32_t> indices(const Verdict& verdict) {
    std::vector<std::uint32_t> out;
    for (const RefusedRow& row : verdict.refused) out.push_back(row.index);
    return out;
}

TEST(AStatus, TellsWhoHasToAct) {
    const auto expect = [](Cause cause, std::initializer_list<int> statuses) {
        for (const int status : statuses) EXPECT_EQ(judge(reply(status)).cause, cause) << status;
    };
    expect(Cause::delivered, {200, 201, 202, 204, 206, 299});
    expect(Cause::record_fault, {400, 413, 422});
    expect(Cause::operator_fault, {300, 301, 302, 304, 307, 308, 401, 402, 403, 404, 405, 406,
                                   407, 410, 411, 414, 415, 418, 426, 428, 431, 451, 499});
    expect(Cause::transient, {101, 408, 409, 425, 429, 500, 501, 502, 503, 504, 507, 520, 599, 600, 999});
}

TEST(ATransportFault, TellsWhoHasToAct) {
    const auto cause = [](TransportFault fault) {
        Reply answer;
        answer.fault = fault;
        return judge(answer).cause;
    };
    EXPECT_EQ(cause(TransportFault::tls_untrusted), Cause::operator_fault);
    EXPECT_EQ(cause(TransportFault::tls_refused), Cause::operator_fault);
    EXPECT_EQ(cause(TransportFault::proxy_refused), Cause::operator_fault);
    EXPECT_EQ(cause(TransportFault::host_unknown), Cause::operator_fault);
    EXPECT_EQ(cause(TransportFault::cancelled), Cause::cancelled);
    for (const auto fault :
         {TransportFault::resolve_failed, TransportFault::connect_failed, TransportFault::tls_failed,
          TransportFault::timeout, TransportFault::reset, TransportFault::bad_answer})
        EXPECT_EQ(cause(fault), Cause::transient) << name(fault);
}

TEST(ABulkAnswer, NamesTheRefusedRows) {
    const Verdict verdict = judge(reply(
        201,
        R"({"success_count":8,"error_count":2,"errors":[{"index":7,"error":"bad model"},{"index":2,"error":"x\ny"}]})"));
    EXPECT_EQ(verdict.cause, Cause::partly_refused);
    EXPECT_THAT(indices(verdict), ElementsAre(2, 7));
    EXPECT_EQ(verdict.refused[0].message, "x y");
    EXPECT_EQ(verdict.refused[1].message, "bad model");
    EXPECT_EQ(verdict.ignored_rows, 0U);
    EXPECT_EQ(verdict.unnamed_rows, 0U);
}

TEST(ABulkAnswer, MayHoldRowsThatMakeNoSense) {
    const Verdict verdict = judge(
        reply(201, R"({"errors":[{"index":10},{"index":-1},{"index":1.5},{"index":"3"},null,7,{"error":"x"},
                                 {"index":18446744073709551615},{"index":4,"error":{"message":"deep"}},{"index":4}]})"));
    EXPECT_EQ(verdict.cause, Cause::partly_refused);
    EXPECT_THAT(indices(verdict), ElementsAre(4));
    EXPECT_EQ(verdict.refused[0].message, "deep");
    EXPECT_EQ(verdict.ignored_rows, 9U);
}

TEST(ASuccess, IsOneHoweverOddItsBody) {
    for (const char* body :
         {"", "<html>", "null", "[]", "{}", "{\"errors\":null}", "{\"errors\":{}}", "{\"errors\":[]}",
          "{\"message\":\"log successful\"}", "\xFF\xFE", "{\"success_count\":\"x\"}", "{\"errors\":["})
        EXPECT_EQ(judge(reply(201, body)).cause, Cause::delivered) << body;
}

TEST(ASuccess, ThatTookNothingIsARecordFault) {
    EXPECT_EQ(judge(reply(201, R"({"success_count":0,"error_count":10,"errors":[]})")).cause,
              Cause::record_fault);
}

TEST(ASuccess, ThatRefusedRowsWithoutNamingThemIsCountedAndSaid) {
    const Verdict verdict =
        judge(reply(201, R"({"success_count":7,"error_count":3,"errors":[{"index":1}]})"));
    EXPECT_EQ(verdict.cause, Cause::partly_refused);
    EXPECT_EQ(verdict.unnamed_rows, 2U);
}

TEST(ASuccess, ThatIsTooLargeToReadIsAskedForInSmallerParts) {
    Reply answer = reply(201, R"({"errors":[{"index":1},)");
    answer.body_cut = true;
    EXPECT_EQ(judge(answer).cause, Cause::record_fault);
    EXPECT_EQ(judge(answer, 1).cause, Cause::delivered);
    EXPECT_EQ(judge(answer, 1, Endpoint::create).cause, Cause::delivered);
}

TEST(ARefusal, UsesTheRowsThatItNames) {
    const Verdict all =
        judge(reply(422, R"({"success_count":0,"errors":[{"index":0,"error":"a"},{"index":1}]})"), 2);
    EXPECT_EQ(all.cause, Cause::record_fault);
    EXPECT_THAT(indices(all), ElementsAre(0, 1));
    const Verdict some = judge(reply(400, R"({"errors":[{"index":3}]})"));
    EXPECT_EQ(some.cause, Cause::record_fault);
    EXPECT_THAT(indices(some), ElementsAre(3));
    const Verdict rest_taken = judge(reply(400, R"({"success_count":9,"errors":[{"index":3}]})"));
    EXPECT_EQ(rest_taken.cause, Cause::partly_refused);
}

TEST(ARefusal, ByFieldsIsNotTakenForRows) {
    const Verdict verdict = judge(reply(422, R"({"errors":{"model":["required"]}})"));
    EXPECT_EQ(verdict.cause, Cause::record_fault);
    EXPECT_TRUE(verdict.refused.empty());
    EXPECT_EQ(judge(reply(422, R"({"errors":[{"index":0}]})"), 1, Endpoint::create).refused.size(), 0U);
}

TEST(OnlyA413, AsksForSmallerBodies) {
    EXPECT_TRUE(judge(reply(413)).too_large);
    EXPECT_FALSE(judge(reply(400)).too_large);
}

TEST(TheReason, SaysWhatWhereAndWhatToDo) {
    EXPECT_EQ(
        judge(reply(401, R"({"detail":"invalid API key"})")).reason,
        "401 from https://host/api/request-logs/bulk/: invalid API key; check [upload] api_key, then reload "
        "(restart for a systemd credential)");
    EXPECT_THAT(judge(reply(404, R"({"detail":"Not\r\nfound"})")).reason,
                HasSubstr("Not found; check [upload] base_url"));
    EXPECT_THAT(judge(reply(403, "blocked: your prompt said this")).reason, Not(HasSubstr("prompt")))
        << "a body that is not the API's own may quote what was sent";
    Reply redirect = reply(308);
    redirect.location = "https://user:pw@elsewhere.example/api?x=y";
    EXPECT_THAT(judge(redirect).reason, HasSubstr("redirected to elsewhere.example, which is not followed"));
    EXPECT_THAT(judge(redirect).reason, Not(HasSubstr("pw")));
    EXPECT_THAT(judge(reply(302)).reason, HasSubstr("an unnamed place"));
    Reply tls;
    tls.fault = TransportFault::tls_untrusted;
    tls.detail = "TLS handshake with host: self-signed certificate";
    EXPECT_THAT(judge(tls).reason, HasSubstr("self-signed certificate; check [upload] ca_file"));
}

TEST(TheReason, IsOneShortLineWhateverTheServerSends) {
    std::string body;
    for (int i = 0; i < 100'000; ++i) body += static_cast<char>(i * 7);
    for (const int status : {302, 400, 401, 429, 500}) {
        const Verdict verdict = judge(reply(status, body));
        EXPECT_LE(verdict.reason.size(), 500U);
        EXPECT_LE(verdict.answer.size(), kMaxAnswerBytes);
        for (const std::string& text : {verdict.reason, verdict.answer}) {
            for (const char c : text) EXPECT_TRUE(static_cast<unsigned char>(c) >= ' ' && c != 0x7F);
            EXPECT_EQ(one_line(text, text.size()), text) << "valid UTF-8, one line";
        }
    }
}

TEST(AnAnswer, NestedDeeplyDoesNotEndTheProcess) {
    std::string body = R"({"detail":)";
    body.append(500'000, '[').append(500'000, ']').append("}");
    EXPECT_EQ(judge(reply(400, body)).cause, Cause::record_fault);
    EXPECT_EQ(judge(reply(201, body)).cause, Cause::delivered);
}

TEST(OneLine, CutsBetweenCharactersAndMendsWhatIsNoUtf8) {
    EXPECT_EQ(one_line("a\tb\r\n\r\nc  d ", 100), "a b c d");
    EXPECT_EQ(one_line("\x1b[31mred\x07", 100), "[31mred");
    EXPECT_EQ(one_line("äöü", 3), "ä…");
    EXPECT_EQ(one_line("äöü", 6), "äöü");
    EXPECT_EQ(one_line("a\xC3", 10), "a?");
    EXPECT_EQ(one_line("\xED\xA0\x80", 10), "???");
    EXPECT_EQ(one_line("x\u2028y\u0085z", 10), "x y z");
    EXPECT_EQ(one_line("", 0), "");
}

}  // namespace
}  // namespace respand::upload
