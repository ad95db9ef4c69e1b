#include "pipeline/admission.hpp"

#include <gtest/gtest.h>

namespace respand::pipeline {
namespace {

using ingest::ListenerKind;
using spool::FullPolicy;

constexpr ByteCount kMax{6'400};
constexpr FullPolicy kPolicies[] = {FullPolicy::block, FullPolicy::drop_newest, FullPolicy::drop_oldest,
                                    FullPolicy::shed_content};

Admission at(FullPolicy policy, std::uint64_t live, bool low = false) {
    Admission admission(policy, kMax);
    admission.update({live}, low);
    return admission;
}

TEST(Admission, ARoomyQueueTakesEverythingWhole) {
    for (const FullPolicy policy : kPolicies) {
        const Admission admission = at(policy, 5'799);
        EXPECT_EQ(admission.fullness(), Fullness::roomy);
        EXPECT_EQ(admission.admit(), Admit::whole);
        EXPECT_TRUE(admission.reads(ListenerKind::unix_stream, true));
    }
}

TEST(Admission, NearTheLimitSendersThatCanWaitDoSoInFavourOfUdp) {
    const Admission admission = at(FullPolicy::block, 5'800);
    EXPECT_EQ(admission.fullness(), Fullness::near);
    EXPECT_TRUE(admission.reads(ListenerKind::udp, true));
    EXPECT_FALSE(admission.reads(ListenerKind::unix_datagram, true));
    EXPECT_FALSE(admission.reads(ListenerKind::unix_stream, true));
    EXPECT_TRUE(admission.reads(ListenerKind::unix_stream, false)) << "nobody to make room for";
}

TEST(Admission, NearTheLimitContentIsShedWhereThePolicySaysSo) {
    EXPECT_EQ(at(FullPolicy::shed_content, 5'800).admit(), Admit::without_content);
    EXPECT_EQ(at(FullPolicy::block, 5'800).admit(), Admit::whole);
}

TEST(Admission, AtTheLimitEachPolicyDoesWhatItSays) {
    for (const FullPolicy blocking : {FullPolicy::block, FullPolicy::shed_content})
        for (const ListenerKind kind :
             {ListenerKind::udp, ListenerKind::unix_stream, ListenerKind::unix_datagram})
            EXPECT_FALSE(at(blocking, 6'400).reads(kind, false));
    EXPECT_EQ(at(FullPolicy::drop_newest, 6'400).admit(), Admit::drop);
    EXPECT_TRUE(at(FullPolicy::drop_newest, 6'400).reads(ListenerKind::unix_stream, true));
    EXPECT_EQ(at(FullPolicy::drop_oldest, 6'400).admit(), Admit::whole);
    EXPECT_TRUE(at(FullPolicy::drop_oldest, 6'400).reads(ListenerKind::unix_stream, true));
    EXPECT_EQ(at(FullPolicy::drop_oldest, 6'400).to_free({6'400}).value, 320U);
    for (const FullPolicy other : {FullPolicy::block, FullPolicy::drop_newest, FullPolicy::shed_content})
        EXPECT_EQ(at(other, 6'400).to_free({6'400}).value, 0U);
}

TEST(Admission, ADiskThatIsLowIsFullWhateverTheLimitSays) {
    EXPECT_FALSE(at(FullPolicy::block, 0, true).reads(ListenerKind::udp, false));
    EXPECT_FALSE(at(FullPolicy::drop_oldest, 0, true).reads(ListenerKind::udp, false));
    EXPECT_EQ(at(FullPolicy::drop_newest, 0, true).admit(), Admit::drop);
    EXPECT_GT(at(FullPolicy::drop_oldest, 1'000, true).to_free({1'000}).value, 0U);
}

TEST(Admission, AQueueAtItsLimitOpensAgainOnlyWhenATwentiethIsFree) {
    Admission admission(FullPolicy::block, kMax);
    EXPECT_TRUE(admission.update({6'400}, false));
    EXPECT_FALSE(admission.update({6'081}, false));
    EXPECT_EQ(admission.fullness(), Fullness::full);
    EXPECT_TRUE(admission.update({6'080}, false));
    EXPECT_EQ(admission.fullness(), Fullness::near);
    EXPECT_FALSE(admission.update({5'600}, false));
    EXPECT_TRUE(admission.update({5'599}, false));
    EXPECT_EQ(admission.fullness(), Fullness::roomy);
}

}  // namespace
}  // namespace respand::pipeline
