// Streams from a client: the same deadline, policy and rules as any call, and no more in memory
// than is being worked on.
#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;

class CollectTest : public ContractTest {
 protected:
  CollectTest() {
    Start();
    stub_ = Client();
  }
  void Prepare(grpc::ClientContext& context, absl::Duration timeout = absl::Seconds(10)) {
    context.AddMetadata("authorization", "Bearer " + Token());
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
  static v1::EchoRequest Filled(size_t bytes) {
    v1::EchoRequest request;
    request.set_filling(std::string(bytes, 'x'));
    return request;
  }
  std::unique_ptr<Stub> stub_;
  v1::EchoResponse response_;
};

TEST_F(CollectTest, ADeadlineIsAskedFor) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token());
  auto writer = stub_->Collect(&context, &response_);
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()),
              StatusIs(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
}

TEST_F(CollectTest, ThePolicyHolds) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  auto writer = stub_->Collect(&context, &response_);
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()),
              StatusIs(absl::StatusCode::kUnauthenticated, "SIGN_IN_REQUIRED"));
}

TEST_F(CollectTest, EachMessageIsCheckedAgainstItsRules) {
  grpc::ClientContext context;
  Prepare(context);
  auto writer = stub_->Collect(&context, &response_);
  ASSERT_TRUE(writer->Write(Text("short")));
  writer->Write(Text(std::string(300, 'x')));
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(service_.handled(), 1);
}

TEST_F(CollectTest, AMessageAboveTheLimitIsRefused) {
  grpc::ClientContext context;
  Prepare(context);
  auto writer = stub_->Collect(&context, &response_);
  writer->Write(Filled(5 * 1024 * 1024));
  writer->WritesDone();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(service_.handled(), 0);
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(CollectTest, TheDeadlineEndsAClientThatFallsSilent) {
  grpc::ClientContext context;
  Prepare(context, absl::Milliseconds(300));
  auto writer = stub_->Collect(&context, &response_);
  ASSERT_TRUE(writer->Write(Text("a")));
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(CollectTest, ASlowHandlerSlowsTheClientDown) {
  service_.set_work(absl::Milliseconds(2));
  grpc::ClientContext context;
  Prepare(context, absl::Seconds(60));
  auto writer = stub_->Collect(&context, &response_);
  const v1::EchoRequest request = Filled(64 * 1024);
  constexpr int kMessages = 800;
  int most_ahead = 0;
  for (int sent = 1; sent <= kMessages; ++sent) {
    ASSERT_TRUE(writer->Write(request));
    most_ahead = std::max(most_ahead, sent - service_.handled());
  }
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()), IsOk());
  EXPECT_EQ(service_.handled(), kMessages);
  // 50 MiB were sent; what was on its way at any time fits the transport's windows, which gRPC
  // grows to some 16 MiB.
  EXPECT_LT(most_ahead, kMessages / 2);
}

TEST_F(CollectTest, SilentClientsHoldNoHandlerThread) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientWriter<v1::EchoRequest>>> writers;
  for (int i = 0; i < 40; ++i) {
    Prepare(*contexts.emplace_back(std::make_unique<grpc::ClientContext>()));
    writers.push_back(stub_->Collect(contexts.back().get(), &response_));
    ASSERT_TRUE(writers.back()->Write(Text("a")));
  }
  ASSERT_TRUE(Eventually([&] { return service_.handled() == 40; }));
  EXPECT_THAT(Doctor(absl::Seconds(5)).Invoke(*stub_, &Stub::Wait, Text("x")), IsOk());
  for (size_t i = 0; i < writers.size(); ++i) {
    contexts[i]->TryCancel();
    writers[i]->Finish();
  }
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(CollectTest, ARefusalByAMessageLeavesItsRecordBeforeItIsSaid) {
  grpc::ClientContext context;
  Prepare(context);
  auto writer = stub_->CollectRecord(&context, &response_);
  ASSERT_TRUE(writer->Write(Text("own")));
  writer->Write(Text("foreign"));
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()),
              StatusIs(absl::StatusCode::kNotFound, "RECORD_UNKNOWN"));
  const auto records = AuditRecords();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].action, audit::Action::kRefused);
  EXPECT_EQ(records[0].outcome, "RECORD_UNKNOWN");
}

TEST_F(CollectTest, WhatIsTakenLeavesNoRecordOfTheFrames) {
  grpc::ClientContext context;
  Prepare(context);
  auto writer = stub_->CollectRecord(&context, &response_);
  ASSERT_TRUE(writer->Write(Text("own")));
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()), IsOk());
  EXPECT_TRUE(AuditRecords().empty());
}

TEST_F(CollectTest, BlockingWorkBetweenTwoWritesRunsOnHandlerThreads) {
  grpc::ClientContext context;
  Prepare(context);
  v1::StreamRequest request;
  request.set_messages(50);
  auto reader = stub_->Fetch(&context, request);
  v1::StreamResponse response;
  int next = 0;
  while (reader->Read(&response)) EXPECT_EQ(response.number(), ++next);
  EXPECT_EQ(next, 50);
  EXPECT_THAT(status::FromGrpc(reader->Finish()), IsOk());
}

TEST_F(CollectTest, WhatThatWorkThrowsEndsTheStream) {
  grpc::ClientContext context;
  Prepare(context);
  v1::StreamRequest request;
  request.set_bytes(-1);
  auto reader = stub_->Fetch(&context, request);
  v1::StreamResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

}  // namespace
}  // namespace yilian::contract
