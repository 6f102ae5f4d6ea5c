#include "services/gateway/domain/mllp/framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace yilian::gateway::mllp {
namespace {

using ::testing::ElementsAre;

// Feeds everything in pieces and takes each frame as it is ready.
std::vector<std::string> FramesOf(Framer& framer, std::string_view bytes, size_t piece) {
  std::vector<std::string> frames;
  while (!bytes.empty() && !framer.is_broken()) {
    std::string_view next = bytes.substr(0, piece);
    while (!next.empty() && !framer.is_broken()) {
      const size_t taken = framer.Feed(next);
      next.remove_prefix(taken);
      bytes.remove_prefix(taken);
      if (auto frame = framer.Take())
        frames.push_back(frame->too_long ? "TOO LONG" : frame->content);
    }
  }
  return frames;
}

TEST(FramerTest, FramesComeOutInOrderHoweverTheBytesArrive) {
  const std::string stream =
      Wrap("MSH|one") + Wrap("MSH|two") + "\r\n" + Wrap("") + Wrap("MSH|three");
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    Framer framer((FrameLimits()));
    EXPECT_THAT(FramesOf(framer, stream, piece), ElementsAre("MSH|one", "MSH|two", "", "MSH|three"))
        << piece;
    EXPECT_FALSE(framer.is_inside());
  }
}

TEST(FramerTest, TakesNothingWhileAFrameWaits) {
  Framer framer((FrameLimits()));
  const std::string stream = Wrap("one") + Wrap("two");
  EXPECT_EQ(framer.Feed(stream), Wrap("one").size());
  EXPECT_EQ(framer.Feed(stream.substr(6)), 0u);
  EXPECT_TRUE(framer.Take());
  EXPECT_FALSE(framer.Take());
}

TEST(FramerTest, LoneEndBlockIsText) {
  for (const std::string& text : {std::string("a\x1C"
                                              "b"),
                                  std::string("a\x1C\x1C"),
                                  std::string("\x1C"
                                              "b")}) {
    Framer framer((FrameLimits()));
    EXPECT_THAT(FramesOf(framer, Wrap(text), 1), ElementsAre(text));
  }
}

TEST(FramerTest, MissingCarriageReturnEndsAtTheNextStart) {
  Framer framer((FrameLimits()));
  EXPECT_THAT(FramesOf(framer, "\x0BMSH|one\x1C\x0BMSH|two\x1C\r", 3),
              ElementsAre("MSH|one", "MSH|two"));
}

TEST(FramerTest, MessageBegunAgainReplacesTheOneThatWasGivenUp) {
  const std::string stream = "\x0BMSH|hal\x0BMSH|again" + Wrap("").substr(1);
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    Framer framer((FrameLimits()));
    EXPECT_THAT(FramesOf(framer, stream, piece), ElementsAre("MSH|again")) << piece;
    EXPECT_EQ(framer.abandoned(), 1u);
  }
}

TEST(FramerTest, VerticalTabInTextIsText) {
  Framer framer((FrameLimits()));
  EXPECT_THAT(FramesOf(framer,
                       Wrap("MSH|a\x0B"
                            "b"),
                       2),
              ElementsAre("MSH|a\x0B"
                          "b"));
}

TEST(FramerTest, TooLongMessageLeavesItsHeadAndTheNextOneIsRead) {
  FrameLimits limits;
  limits.message_bytes = 1000;
  limits.head_bytes = 100;
  for (const size_t piece : {1u, 7u, 64u, 5000u}) {
    Framer framer(limits);
    const std::string stream = Wrap("MSH|" + std::string(3000, 'x')) + Wrap("MSH|next");
    EXPECT_THAT(FramesOf(framer, stream, piece), ElementsAre("TOO LONG", "MSH|next")) << piece;
  }
  Framer framer(limits);
  framer.Feed(Wrap("MSH|" + std::string(3000, 'x')));
  const auto frame = framer.Take();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->content.size(), 100u);
  EXPECT_EQ(frame->total_bytes, 3004u);
}

TEST(FramerTest, MessageOfExactlyTheLimitIsTaken) {
  FrameLimits limits;
  limits.message_bytes = 1000;
  Framer framer(limits);
  EXPECT_THAT(FramesOf(framer, Wrap(std::string(1000, 'x')), 10),
              ElementsAre(std::string(1000, 'x')));
  EXPECT_THAT(FramesOf(framer, Wrap(std::string(1001, 'x')), 10), ElementsAre("TOO LONG"));
}

TEST(FramerTest, NewMessageAtTheVeryLimitIsSeenHoweverTheBytesArrive) {
  FrameLimits limits;
  limits.message_bytes = 100;
  for (size_t length = 95; length <= 105; ++length) {
    const std::string stream = "\x0B" + std::string(length, 'x') + "\x0BMSH|next\x1C\r";
    Framer whole(limits);
    const std::vector<std::string> expected = FramesOf(whole, stream, stream.size());
    for (size_t piece = 1; piece < 20; ++piece) {
      Framer framer(limits);
      EXPECT_EQ(FramesOf(framer, stream, piece), expected) << length << " " << piece;
    }
  }
}

TEST(FramerTest, PeerThatSpeaksSomethingElseIsBroken) {
  Framer framer((FrameLimits()));
  EXPECT_TRUE(FramesOf(framer, std::string(5000, 'G'), 100).empty());
  EXPECT_TRUE(framer.is_broken());
  Framer patient((FrameLimits()));
  EXPECT_TRUE(FramesOf(patient, std::string(100'000, '\r'), 100).empty());
  EXPECT_FALSE(patient.is_broken());
}

TEST(FramerTest, RandomBytesNeverGrowBeyondTheLimit) {
  std::mt19937 random(20261122);
  FrameLimits limits;
  limits.message_bytes = 512;
  limits.head_bytes = 64;
  limits.stray_bytes = 1u << 30;
  constexpr char kAlphabet[] = {'\x0B', '\x1C', '\r', 'M', 'S', 'H', '|', 'x', '\n', '\0'};
  for (int round = 0; round < 200; ++round) {
    Framer framer(limits);
    std::string stream;
    for (int i = 0; i < 4000; ++i)
      stream.push_back(kAlphabet[random() % (round % 2 == 0 ? 10 : 8)]);
    std::string_view rest = stream;
    while (!rest.empty()) {
      rest.remove_prefix(framer.Feed(rest.substr(0, 1 + random() % 97)));
      if (const auto frame = framer.Take()) {
        EXPECT_LE(frame->content.size(), limits.message_bytes);
        EXPECT_EQ(frame->too_long, frame->total_bytes > limits.message_bytes);
      }
    }
  }
}

}  // namespace
}  // namespace yilian::gateway::mllp
