#include "pricing/name_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace respand::pricing {
namespace {

TEST(NameMap, is_a_map_from_names_to_targets) {
    std::mt19937_64 random(20'261'122);
    NameMap map;
    std::map<std::string, NameMap::Target> model;
    EXPECT_EQ(map.find("never"), nullptr);
    for (int step = 0; step < 20'000; ++step) {
        const std::string name(1 + random() % 3, static_cast<char>('a' + random() % 26));
        const std::string longer = name + std::to_string(random() % 4'000);
        const std::string& chosen = random() % 2 == 0 ? name : longer;
        if (random() % 3 == 0) {
            const NameMap::Target target{static_cast<std::uint32_t>(step), random() % 2 == 0};
            map.put(chosen, target);
            model[chosen] = target;
        }
        const auto expected = model.find(chosen);
        const NameMap::Target* found = map.find(chosen);
        ASSERT_EQ(found != nullptr, expected != model.end()) << chosen;
        if (found == nullptr) continue;
        ASSERT_EQ(found->entry, expected->second.entry) << chosen;
        ASSERT_EQ(found->alias, expected->second.alias) << chosen;
    }
    for (const auto& [name, target] : model) ASSERT_EQ(map.find(name)->entry, target.entry) << name;
    EXPECT_EQ(map.find(""), nullptr);
    EXPECT_EQ(map.find("A"), nullptr) << "case counts here";
}

}  // namespace
}  // namespace respand::pricing
