#include "common/status/error.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::status {
namespace {

TEST(Error, EveryDetailSurvivesTheWire) {
  const absl::Status sent = Error(absl::StatusCode::kAborted, "yilian.test", "ETAG_STALE")
                                .Message("the record moved on")
                                .Chinese("记录已被更新")
                                .Meta("record_id", "7")
                                .Field("record.etag", "is the etag of the last read")
                                .Precondition("STATE", "record/7", "is open")
                                .RetryAfter(absl::Milliseconds(1500));
  const absl::Status got = FromGrpc(ToGrpc(sent));
  EXPECT_THAT(got, StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_EQ(got.message(), "the record moved on");
  EXPECT_EQ(InfoOf(got)->domain(), "yilian.test");
  EXPECT_EQ(InfoOf(got)->metadata().at("record_id"), "7");
  EXPECT_EQ(BadRequestOf(got)->field_violations(0).field(), "record.etag");
  EXPECT_EQ(PreconditionOf(got)->violations(0).type(), "STATE");
  EXPECT_EQ(RetryOf(got)->retry_delay().seconds(), 1);
  EXPECT_EQ(RetryOf(got)->retry_delay().nanos(), 500'000'000);
  EXPECT_EQ(LocalizedOf(got)->message(), "记录已被更新");
}

TEST(Error, AnUnknownErrorIsInternalAndStillHasAReason) {
  const grpc::Status wire = ToGrpc(absl::UnknownError("?"));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ReasonOf(FromGrpc(wire)), "INTERNAL");
}

TEST(Error, OkStaysOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

}  // namespace
}  // namespace yilian::status
