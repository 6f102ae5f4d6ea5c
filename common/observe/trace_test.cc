#include "common/observe/trace.h"

#include <gtest/gtest.h>

#include <set>

namespace yilian::observe {
namespace {

// The example of the W3C recommendation.
constexpr std::string_view kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, ReadsAndWritesTheStandardForm) {
  const auto context = TraceContext::Parse(kExample);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->span_id(), "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled());
  EXPECT_EQ(context->ToString(), kExample);
  EXPECT_EQ(TraceIdOf(kExample), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_FALSE(
      TraceContext::Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled());
}

TEST(TraceContext, ReadsLaterVersionsAsFarAsThisOneGoes) {
  const auto context =
      TraceContext::Parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->ToString(), kExample);
}

TEST(TraceContext, RefusesWhatIsMalformed) {
  for (const char* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    EXPECT_FALSE(TraceContext::Parse(text).has_value()) << text;
  }
  EXPECT_EQ(TraceIdOf("00-\",\"forged\":\"                     -b7ad6b7169203331-01"), "");
}

TEST(TraceContext, KeepsTheTraceAndGivesEverySpanItsOwnId) {
  const TraceContext child = TraceContext::Next(kExample);
  EXPECT_EQ(child.trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(child.span_id(), "b7ad6b7169203331");
  std::set<std::string> traces;
  for (int i = 0; i < 1'000; ++i) {
    const TraceContext fresh = TraceContext::Next("nonsense");
    EXPECT_EQ(TraceContext::Parse(fresh.ToString())->ToString(), fresh.ToString());
    traces.insert(fresh.trace_id());
  }
  EXPECT_EQ(traces.size(), 1'000u);
}

}  // namespace
}  // namespace yilian::observe
