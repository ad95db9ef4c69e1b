#include "base/text_table.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace respand {
namespace {

TEST(TextTable, ColumnsStandUnderTheirHeadingsAndNumbersEndUnderEachOther) {
    TextTable table({{"model"}, {"records", true}, {"why"}});
    table.row({"a/much-longer-name", "7", "no_rate 7"});
    table.row({"löwe", "1,234"});
    EXPECT_EQ(table.text(),
              "model               records  why\n"
              "a/much-longer-name        7  no_rate 7\n"
              "löwe                  1,234\n");
    EXPECT_EQ(table.rows(), 2U);
}

TEST(Grouped, ThousandsAreSetApart) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(grouped(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace respand
