// Audited calls: nothing leaves before its record is durable, and refusals leave one too.
#include <gmock/gmock.h>

#include <future>

#include "common/status/error.h"
#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;

class AuditTest : public ContractTest {
 protected:
  AuditTest() {
    Start();
    stub_ = Client();
  }
  absl::Status Read(const std::string& what) {
    return Doctor().Invoke(*stub_, &Stub::ReadRecord, Text(what)).status();
  }
  std::unique_ptr<Stub> stub_;
};

TEST_F(AuditTest, ReadWaitsForItsRecord) {
  audit_held_ = true;
  auto answer = std::async(std::launch::async, [&] { return Read("one"); });
  ASSERT_TRUE(Eventually([&] { return AuditRecords().size() == 1; }));
  EXPECT_EQ(service_.handled(), 1);
  // The handler has run; the answer must still be held back.
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  ReleaseAudit();
  EXPECT_THAT(answer.get(), IsOk());
  const audit::Record record = AuditRecords()[0];
  EXPECT_EQ(record.action, audit::Action::kRead);
  EXPECT_EQ(record.method, "/yilian.contract.v1.ContractService/ReadRecord");
  EXPECT_EQ(record.user_id, user_);
  EXPECT_EQ(record.organization_id.ToString(), kClinic);
  EXPECT_EQ(record.peer, Spiffe("client/desk"));
  EXPECT_EQ(record.subject_type, "record");
  EXPECT_FALSE(record.subject_id.is_nil());
  EXPECT_FALSE(record.data_subject_id.is_nil());
  EXPECT_EQ(record.outcome, "OK");
  EXPECT_EQ(record.trace_id.size(), 32u);
}

TEST_F(AuditTest, ReadWhoseRecordFailsGivesNothingOut) {
  audit_result_ = absl::UnavailableError("disk");
  EXPECT_THAT(Read("one"), StatusIs(absl::StatusCode::kUnavailable, "AUDIT_UNAVAILABLE"));
}

TEST_F(AuditTest, TooManyRecordsAtOnceSaysWhenToTryAgain) {
  audit_result_ = status::Error(absl::StatusCode::kResourceExhausted, "yilian", "AUDIT_QUEUE_FULL")
                      .Message("too many reads wait for their audit record")
                      .RetryAfter(absl::Milliseconds(200));
  const absl::Status refused = Read("two");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, "AUDIT_QUEUE_FULL"));
  ASSERT_TRUE(status::RetryOf(refused).has_value());
  EXPECT_EQ(status::RetryOf(refused)->retry_delay().nanos(), 200'000'000);
}

TEST_F(AuditTest, EachSubjectLeavesOneRecordAndAListLeavesOneWithout) {
  ASSERT_THAT(Read("two"), IsOk());
  EXPECT_EQ(AuditRecords().size(), 2u);
  ASSERT_THAT(Read("list"), IsOk());
  ASSERT_EQ(AuditRecords().size(), 3u);
  EXPECT_TRUE(AuditRecords()[2].subject_id.is_nil());
  EXPECT_NE(AuditRecords()[0].audit_id, AuditRecords()[1].audit_id);
}

TEST_F(AuditTest, RefusalsLeaveARecord) {
  EXPECT_THAT(Read("foreign"), StatusIs(absl::StatusCode::kNotFound, "RECORD_UNKNOWN"));
  EXPECT_THAT(rpc::ClientCall()
                  .WithToken(Token({"ROLE_AUDITOR"}))
                  .Invoke(*stub_, &Stub::ReadRecord, Text("one"))
                  .status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED"));
  const auto records = AuditRecords();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].action, audit::Action::kRefused);
  EXPECT_EQ(records[0].outcome, "RECORD_UNKNOWN");
  EXPECT_EQ(records[1].outcome, "ROLE_NOT_ALLOWED");
}

TEST_F(AuditTest, WriteBringsKeyHashAndRecordForItsTransaction) {
  v1::WriteRequest request;
  request.set_request_id(base::Uuid::V7().ToString());
  request.set_text("content");
  const auto first = Doctor().Invoke(*stub_, &Stub::Write, request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->request_hash().size(), 64u);
  EXPECT_EQ(first->ledger_caller(), user_.ToString());
  EXPECT_EQ(first->audit_method(), "/yilian.contract.v1.ContractService/Write");
  // The frame leaves the record of a write to the write's own transaction.
  EXPECT_TRUE(AuditRecords().empty());
  request.set_request_id(base::Uuid::V7().ToString());
  EXPECT_EQ(Doctor().Invoke(*stub_, &Stub::Write, request)->request_hash(), first->request_hash());
  request.set_text("other content");
  EXPECT_NE(Doctor().Invoke(*stub_, &Stub::Write, request)->request_hash(), first->request_hash());
}

TEST_F(AuditTest, WriteWithoutARequestIdIsRefused) {
  v1::WriteRequest request;
  EXPECT_THAT(Doctor().Invoke(*stub_, &Stub::Write, request),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  request.set_request_id("00000000-0000-0000-0000-000000000000");
  EXPECT_THAT(Doctor().Invoke(*stub_, &Stub::Write, request),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(service_.handled(), 0);
}

}  // namespace
}  // namespace yilian::contract
