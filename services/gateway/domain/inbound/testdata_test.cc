#include <gtest/gtest.h>
TEST(TestdataTest, Placeholder) {}
