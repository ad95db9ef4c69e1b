#include "spool/checksum.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace respand::spool {
namespace {

TEST(Checksum, NoticesEveryFlippedBitOfEveryLength) {
    std::mt19937 random(5);
    for (std::size_t size = 1; size < 100; ++size) {
        std::string body(size, '\0');
        for (char& c : body) c = static_cast<char>(random());
        const std::int64_t sound = checksum(body);
        for (std::size_t bit = 0; bit < size * 8; ++bit) {
            std::string flipped = body;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
            ASSERT_NE(checksum(flipped), sound) << size << " bytes, bit " << bit;
        }
    }
}

TEST(Checksum, NoticesWhatIsCutOffAddedOrExchanged) {
    std::set<std::int64_t> seen;
    for (std::size_t size = 0; size < 200; ++size)
        EXPECT_TRUE(seen.insert(checksum(std::string(size, '\0'))).second);
    EXPECT_NE(checksum("12345678abcdefgh12345678abcdefgh"), checksum("abcdefgh1234567812345678abcdefgh"));
    EXPECT_NE(chunk_checksum({}, "ab", "", "c"), chunk_checksum({}, "a", "", "bc"));
    EXPECT_NE(chunk_checksum({}, "ab", "c", ""), chunk_checksum({}, "ab", "", "c"));
}

TEST(Checksum, IsTheSameTomorrow) {
    // Files hold these numbers: a change of the function makes every chunk on somebody's disk look damaged.
    EXPECT_EQ(checksum(""), -8872415089106879467);
    EXPECT_EQ(checksum("{\"model\":\"gpt-4o\",\"prompt_tokens\":12,\"completion_tokens\":7}"),
              3755976346449901256);
}

}  // namespace
}  // namespace respand::spool
