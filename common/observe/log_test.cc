#include "common/observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "common/observe/log_text.h"

namespace yilian::observe {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { StartLog("referral", Level::kInfo); }
  std::string Last() const { return lines_.empty() ? "" : lines_.back(); }

  std::vector<std::string> lines_;
  LogCapture capture_{[this](std::string_view line) { lines_.emplace_back(line); }};
};

std::string Printed(std::string_view text) {
  fmt::memory_buffer out;
  AppendText(text, out);
  return fmt::to_string(out);
}

TEST_F(LogTest, WritesOneJsonObjectALine) {
  const base::Uuid id = *base::Uuid::Parse("0193f2c4-7b1e-7c3a-8a54-0123456789ab");
  Log(Level::kWarn, "seat \"3\"\n taken",
      {{"referral_id", id},
       {"attempt", 3},
       {"ratio", 0.5},
       {"late", true},
       {"took", absl::Milliseconds(12)},
       {"reason", "ETAG_STALE"},
       {"outcome", absl::AbortedError("stale")},
       {"nothing", 0.0 / 0.0},
       {"due", absl::FromUnixSeconds(0)}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(Last().substr(0, 7), "{\"ts\":\"");
  EXPECT_EQ(
      Last().substr(34),
      "\",\"level\":\"warn\",\"service\":\"referral\",\"msg\":\"seat \\\"3\\\"\\n "
      "taken\",\"fields\":{"
      "\"referral_id\":\"0193f2c4-7b1e-7c3a-8a54-0123456789ab\",\"attempt\":3,\"ratio\":0.5,"
      "\"late\":true,"
      "\"took\":12.000,\"reason\":\"ETAG_STALE\",\"outcome\":\"ABORTED: stale\",\"nothing\":null,"
      "\"due\":\"1970-01-01T00:00:00.000000Z\"}}");
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  Log(Level::kDebug, "not this");
  EXPECT_TRUE(lines_.empty());
  EXPECT_FALSE(IsLogged(Level::kDebug));
  StartLog("referral", LevelFromText("debug"));
  Log(Level::kDebug, "but this");
  EXPECT_EQ(lines_.size(), 1u);
}

TEST_F(LogTest, NamesTheTraceOfTheThread) {
  {
    const LogTrace outer("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    Log(Level::kInfo, "inside");
    EXPECT_THAT(Last(), HasSubstr("\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\""));
    {
      const LogTrace inner("00-11111111111111111111111111111111-b7ad6b7169203331-01");
      Log(Level::kInfo, "deeper");
      EXPECT_THAT(Last(), HasSubstr("\"trace_id\":\"11111111111111111111111111111111\""));
    }
    Log(Level::kInfo, "inside again");
    EXPECT_THAT(Last(), HasSubstr("0af7651916cd43dd8448eb211c80319c"));
    std::thread([] { Log(Level::kInfo, "another thread"); }).join();
    EXPECT_THAT(Last(), Not(HasSubstr("trace_id")));
  }
  Log(Level::kInfo, "outside");
  EXPECT_THAT(Last(), Not(HasSubstr("trace_id")));
}

// A canary: whatever is marked as personal, or stands under a name that promises it, or looks like
// it, stays out.
TEST_F(LogTest, NeverPrintsPersonalData) {
  const std::string person = "王小明";
  const std::string national_id = "11010519491231002X";
  Log(Level::kError, "could not notify 13812345678 about 11010519491231002X",
      {{"who", Personal(person)},
       {"patient_name", person},
       {"name", person},
       {"phone", int64_t{13812345678}},
       {"national_id", national_id},
       {"contact_phone", "021-1234"},
       {"password", "hunter2"},
       {"access_token", "eyJhb"},
       {"note", "id 110105194912310021, tel:13812345678."},
       {"count", 7}});
  for (const char* secret :
       {"王小明", "11010519491231002", "13812345678", "021-1234", "hunter2", "eyJhb"}) {
    EXPECT_THAT(Last(), Not(HasSubstr(secret)));
  }
  EXPECT_THAT(Last(), AllOf(HasSubstr("\"who\":\"[withheld]\""), HasSubstr("\"count\":7"),
                            HasSubstr("could not notify [withheld] about [withheld]"),
                            HasSubstr("\"note\":\"id [withheld], tel:[withheld].\"")));
}

TEST_F(LogTest, KeepsIdsTimesAndAmounts) {
  for (const char* text : {"0193f2c4-7b1e-7c3a-8a54-012345678901",
                           "0af7651916cd43dd8448eb211c80319c", "1795000000123456", "a13812345678",
                           "138123456789", "2026-11-22T00:25:30Z", "10812345678", "13.812345678"}) {
    EXPECT_EQ(Printed(text), "\"" + std::string(text) + "\"");
  }
  EXPECT_FALSE(IsWithheldKey("event_name"));
  EXPECT_FALSE(IsWithheldKey("listen_port"));
  EXPECT_FALSE(IsWithheldKey("key_id"));
}

TEST_F(LogTest, EscapesSoThatALineStaysOneObject) {
  EXPECT_EQ(Printed("a\"b\\c\nd\te\rf\x01\x7f"), "\"a\\\"b\\\\c\\nd\\te\\rf\\u0001\\u007f\"");
  EXPECT_EQ(Printed("医联体 😀"), "\"医联体 😀\"");
  EXPECT_EQ(Printed("\xff\xe5\x8c z\xc0\x80"), "\"\\ufffd\\ufffd\\ufffd z\\ufffd\\ufffd\"");
}

TEST_F(LogTest, ThreadsDoNotMixTheirLines) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 200; ++n) Log(Level::kInfo, "line", {{"n", n}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines_.size(), 800u);
  for (const std::string& line : lines_) EXPECT_EQ(line.substr(line.size() - 2), "}}");
}

}  // namespace
}  // namespace yilian::observe
