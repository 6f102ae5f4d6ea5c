#include "common/observe/frame_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/observe/log.h"
#include "common/status/error.h"
#include "tests/support/test_call.h"

namespace yilian::observe {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using test_support::TestCall;

class FrameObserverTest : public ::testing::Test {
 protected:
  void SetUp() override { StartLog("lab", Level::kInfo); }
  void Finish(absl::StatusCode code) {
    const absl::Status status =
        status::Error(code, "yilian.lab", "REPORT_NOT_FOUND").Message("no such report");
    observer_.Finished(method_, call_,
                       {code, &status, absl::Milliseconds(3), absl::Milliseconds(1)});
  }

  Metrics metrics_;
  FrameObserver observer_{metrics_};
  void* method_ = observer_.AddMethod("yilian.lab.v1.LabService", "GetReport", "unary");
  const TestCall call_{rpc::Caller{.peer = "spiffe://demo/service/referral"},
                       {.method = "/yilian.lab.v1.LabService/GetReport",
                        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        .token = "eyJhbGciOi.secret.token"}};
  std::vector<std::string> lines_;
  LogCapture capture_{[this](std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(FrameObserverTest, CountsEveryCall) {
  observer_.Started(method_);
  Finish(absl::StatusCode::kOk);
  EXPECT_THAT(metrics_.Text(),
              AllOf(HasSubstr("grpc_server_started_total{grpc_method=\"GetReport\","),
                    HasSubstr("grpc_server_handled_total{grpc_code=\"OK\",grpc_method="
                              "\"GetReport\",grpc_service=\"yilian."
                              "lab.v1.LabService\",grpc_type=\"unary\"} 1\n"),
                    HasSubstr("yilian_call_queued_seconds_bucket{le=\"0.001\"} 1\n")));
  EXPECT_TRUE(lines_.empty()) << "success is no news";
}

TEST_F(FrameObserverTest, LogsWhatWentWrongWithItsTraceAndNoToken) {
  Finish(absl::StatusCode::kNotFound);
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(
      lines_[0],
      AllOf(HasSubstr("\"level\":\"info\""), HasSubstr("\"code\":\"NOT_FOUND\""),
            HasSubstr("\"reason\":\"REPORT_NOT_FOUND\""), HasSubstr("\"took_ms\":3.000"),
            HasSubstr("\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\""),
            HasSubstr("\"peer\":\"spiffe://demo/service/referral\""), Not(HasSubstr("secret"))));
  Finish(absl::StatusCode::kInternal);
  EXPECT_THAT(lines_[1], HasSubstr("\"level\":\"error\""));
  Finish(absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(lines_[2], HasSubstr("\"level\":\"warn\""));
}

TEST_F(FrameObserverTest, DoesNotDrownTheLogUnderOverload) {
  for (int i = 0; i < 10'000; ++i) Finish(absl::StatusCode::kResourceExhausted);
  EXPECT_GE(lines_.size(), 100u);
  EXPECT_LT(lines_.size(), 1'000u);  // 100 for each second that this loop took
  EXPECT_THAT(metrics_.Text(), Not(HasSubstr("yilian_log_lines_left_out_total 0\n")));
}

TEST_F(FrameObserverTest, TheHandlersOwnLinesCarryTheTrace) {
  observer_.EnterHandler(call_);
  Log(Level::kInfo, "in the handler");
  observer_.LeaveHandler();
  Log(Level::kInfo, "after it");
  EXPECT_THAT(lines_[0], HasSubstr("0af7651916cd43dd8448eb211c80319c"));
  EXPECT_THAT(lines_[1], Not(HasSubstr("trace_id")));
}

}  // namespace
}  // namespace yilian::observe
