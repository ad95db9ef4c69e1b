// The failure policy as a table: every status and every fault of the transport.
#include <gtest/gtest.h>

#include <map>

#include "upload/classify.hpp"

namespace respand::upload {
namespace {

/// Written down by hand, not computed as classify() does it.
Cause wanted(int status) {
    static const std::map<int, Cause> kSpecial{
        {400, Cause::record_fault}, {413, Cause::record_fault}, {422, Cause::record_fault},
        {408, Cause::transient},    {409, Cause::transient},    {425, Cause::transient},
        {429, Cause::transient},
    };
    if (const auto found = kSpecial.find(status); found != kSpecial.end()) return found->second;
    switch (status / 100) {
        case 2:
            return Cause::delivered;
        case 3:
        case 4:
            return Cause::operator_fault;
        default:  // 1xx where an answer should be, and 5xx
            return Cause::transient;
    }
}

TEST(EveryStatus, HasItsCauseWhateverTheBodyTheCallAndTheSize) {
    for (int status = 100; status <= 599; ++status) {
        for (const char* body :
             {"", "<html><body>oops</body></html>", R"({"detail":"no"})", R"({"errors":{"model":["x"]}})",
              R"({"errors":[]})", "null", "[1,2]", "{\"detail\":", "\xff\xfe"}) {
            for (const Endpoint endpoint : {Endpoint::create, Endpoint::bulk}) {
                for (const std::size_t records : {std::size_t{1}, std::size_t{500}}) {
                    Reply reply;
                    reply.status = status;
                    reply.body = body;
                    const Verdict verdict = classify(
                        reply,
                        {.url = "https://host/x", .records = records, .endpoint = endpoint, .now = {}});
                    ASSERT_EQ(verdict.cause, wanted(status)) << status << " " << body;
                    ASSERT_EQ(verdict.status, status);
                    ASSERT_FALSE(verdict.reason.empty());
                    ASSERT_EQ(verdict.no_such_call, status == 404 || status == 405) << status;
                    ASSERT_EQ(verdict.limited, status == 429) << status;
                    ASSERT_EQ(verdict.too_large, status == 413) << status;
                    ASSERT_TRUE(verdict.refused.empty()) << "nothing was named";
                }
            }
        }
    }
}

TEST(EveryStatus, ThatBlamesAnOperatorSaysWhetherTheRecordsMayBeToBlameAfterAll) {
    for (int status = 300; status <= 499; ++status) {
        if (wanted(status) != Cause::operator_fault) continue;
        Reply reply;
        reply.status = status;
        const Verdict verdict = classify(reply, {.url = "https://host/x", .records = 1, .now = {}});
        const bool certain = status < 400 || status == 401 || status == 402 || status == 407;
        EXPECT_EQ(verdict.blames_key, certain) << status;
    }
}

TEST(EveryTransportFault, HasItsCause) {
    const std::map<TransportFault, Cause> table{
        {TransportFault::resolve_failed, Cause::transient},
        {TransportFault::host_unknown, Cause::operator_fault},
        {TransportFault::connect_failed, Cause::transient},
        {TransportFault::proxy_refused, Cause::operator_fault},
        {TransportFault::tls_untrusted, Cause::operator_fault},
        {TransportFault::tls_refused, Cause::operator_fault},
        {TransportFault::tls_failed, Cause::transient},
        {TransportFault::timeout, Cause::transient},
        {TransportFault::reset, Cause::transient},
        {TransportFault::bad_answer, Cause::transient},
        {TransportFault::cancelled, Cause::cancelled},
    };
    for (int i = 0; i <= static_cast<int>(TransportFault::cancelled); ++i) {
        const auto fault = static_cast<TransportFault>(i);
        ASSERT_TRUE(table.contains(fault)) << name(fault) << " is not in the table";
        Reply reply;
        reply.fault = fault;
        reply.detail = "host:443";
        const Verdict verdict = classify(reply, {.url = "https://host/x", .records = 3, .now = {}});
        EXPECT_EQ(verdict.cause, table.at(fault)) << name(fault);
        EXPECT_EQ(verdict.status, 0);
        EXPECT_NE(verdict.reason.find("host:443"), std::string::npos) << name(fault);
    }
}

TEST(ASuccess, ThatNamesEveryRowAsRefusedTookNothing) {
    Reply reply;
    reply.status = 201;
    reply.body =
        R"({"success_count":0,"error_count":2,"errors":[{"index":0,"error":"a"},{"index":1,"error":"b"}]})";
    const Verdict verdict =
        classify(reply, {.url = "u", .records = 2, .endpoint = Endpoint::bulk, .now = {}});
    EXPECT_EQ(verdict.cause, Cause::record_fault);
    EXPECT_EQ(verdict.refused.size(), 2U);
}

}  // namespace
}  // namespace respand::upload
