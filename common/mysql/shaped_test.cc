#include "common/mysql/shaped.h"

#include <gtest/gtest.h>

namespace yilian::mysql {
namespace {

TEST(Shaped, AListFindsTheShapeThatTakesItAndTheOneThatItFills) {
  const Shaped shaped("test.Delete", {1, 8, 64}, [](size_t length) { return Places(length); });
  const auto at_least = [&](size_t length) { return shaped.AtLeast(length).length; };
  EXPECT_EQ(at_least(1), 1);
  EXPECT_EQ(at_least(2), 8);
  EXPECT_EQ(at_least(8), 8);
  EXPECT_EQ(at_least(64), 64);
  EXPECT_EQ(at_least(65), 64) << "the longest; the rest is the next one's";
  const auto at_most = [&](size_t length) { return shaped.AtMost(length).length; };
  EXPECT_EQ(at_most(1), 1);
  EXPECT_EQ(at_most(7), 1);
  EXPECT_EQ(at_most(8), 8);
  EXPECT_EQ(at_most(100), 64);
  EXPECT_EQ(shaped.AtMost(9).query().name, "test.Delete8");
  EXPECT_EQ(shaped.AtMost(9).query().sql, "?, ?, ?, ?, ?, ?, ?, ?");
}

TEST(Shaped, PlacesForValues) {
  EXPECT_EQ(Places(1), "?");
  EXPECT_EQ(PlaceRows(2, 3), "(?, ?, ?), (?, ?, ?)");
}

}  // namespace
}  // namespace yilian::mysql
