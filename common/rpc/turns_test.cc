#include "common/rpc/turns.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace yilian::rpc {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> All(TurnQueue<std::string>& queue) {
  std::vector<std::string> all;
  while (!queue.empty()) all.push_back(queue.Pop());
  return all;
}

TEST(Turns, WithoutAKeyTheOrderIsThatOfArrival) {
  TurnQueue<std::string> queue;
  for (const char* name : {"a", "b", "c", "d", "e"}) queue.Push(0, name);
  EXPECT_EQ(queue.Ahead(0), 5);
  EXPECT_THAT(All(queue), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(Turns, ACrowdTakesTurnsWithTheOthers) {
  TurnQueue<std::string> queue;
  for (const char* name : {"hot1", "hot2", "hot3", "hot4", "hot5"}) queue.Push(7, name);
  queue.Push(9, "other1");
  queue.Push(9, "other2");
  queue.Push(0, "plain");
  EXPECT_EQ(queue.size(), 8);
  EXPECT_EQ(queue.size(7), 5);
  EXPECT_EQ(queue.Ahead(7), 8);
  EXPECT_EQ(queue.Ahead(9), 6) << "hot1 to hot3, other1, other2, plain";
  EXPECT_EQ(queue.Ahead(0), 3) << "hot1, other1, plain";
  // The fourth turn and the eighth are the oldest one's: hot2's and hot4's, whose turn it was
  // nearly anyway.
  EXPECT_THAT(All(queue),
              ElementsAre("hot1", "other1", "plain", "hot2", "other2", "hot3", "hot4", "hot5"));
}

TEST(Turns, WhoComesLaterForSomethingElseIsTakenBeforeTheCrowd) {
  TurnQueue<std::string> queue;
  for (int i = 0; i < 100; ++i) queue.Push(7, "hot");
  EXPECT_EQ(queue.Pop(), "hot");
  EXPECT_EQ(queue.Pop(), "hot");
  queue.Push(9, "other");
  EXPECT_EQ(queue.Pop(), "other") << "the crowd's next turn is later";
  EXPECT_EQ(queue.Pop(), "hot") << "the fourth is by age";
}

// Others without end, one always waiting: every fourth turn is the crowd's all the same.
TEST(Turns, ACrowdIsNotStarved) {
  TurnQueue<std::string> queue;
  for (int i = 0; i < 10; ++i) queue.Push(7, "hot");
  int taken = 0;
  for (int turn = 0; turn < 40; ++turn) {
    queue.Push(0, "other");
    taken += queue.Pop() == "hot";
  }
  EXPECT_EQ(taken, 10);
}

TEST(Turns, WhatIsOverIsForgotten) {
  TurnQueue<std::string> queue;
  for (int i = 0; i < 5; ++i) queue.Push(7, "hot");
  All(queue);
  queue.Push(7, "first");
  queue.Push(9, "second");
  EXPECT_EQ(queue.size(7), 1);
  EXPECT_THAT(All(queue), ElementsAre("first", "second"));
}

}  // namespace
}  // namespace yilian::rpc
