// Streams: flow control, slow readers, both directions, and who may keep one open.
#include <gmock/gmock.h>

#include <thread>

#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;

class StreamTest : public ContractTest {
 protected:
  StreamTest() {
    Start();
    stub_ = Client();
  }
  void Authorize(grpc::ClientContext& context) {
    context.AddMetadata("authorization", "Bearer " + Token());
  }
  static v1::StreamRequest Messages(int count, int bytes = 0) {
    v1::StreamRequest request;
    request.set_messages(count);
    request.set_bytes(bytes);
    return request;
  }
  std::unique_ptr<Stub> stub_;
};

TEST_F(StreamTest, MessagesComeInOrderAndTheQueueStaysShort) {
  grpc::ClientContext context;
  Authorize(context);
  auto reader = stub_->Follow(&context, Messages(2000, 100));
  v1::StreamResponse response;
  int next = 0;
  while (reader->Read(&response)) EXPECT_EQ(response.number(), ++next);
  EXPECT_EQ(next, 2000);
  EXPECT_THAT(status::FromGrpc(reader->Finish()), IsOk());
  EXPECT_LE(service_.most_pending(), 8);
}

TEST_F(StreamTest, StreamNeedsNoDeadlineButAPerson) {
  grpc::ClientContext context;
  auto reader = stub_->Follow(&context, Messages(1));
  v1::StreamResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnauthenticated, "SIGN_IN_REQUIRED"));
}

TEST_F(StreamTest, RulesHoldForTheRequestOfAStream) {
  grpc::ClientContext context;
  Authorize(context);
  auto reader = stub_->Follow(&context, Messages(-1));
  v1::StreamResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(StreamTest, ARefusalByTheHandlerReachesTheCaller) {
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    Authorize(context);
    v1::StreamRequest request;
    request.set_bytes(-1);
    auto reader = stub_->Follow(&context, request);
    v1::StreamResponse response;
    EXPECT_FALSE(reader->Read(&response));
    EXPECT_THAT(status::FromGrpc(reader->Finish()),
                StatusIs(absl::StatusCode::kInvalidArgument, "REFUSED_BY_HANDLER"));
  }
}

TEST_F(StreamTest, ClientThatLeavesEndsTheStream) {
  {
    grpc::ClientContext context;
    Authorize(context);
    auto reader = stub_->Follow(&context, Messages(0));
    v1::StreamResponse response;
    ASSERT_TRUE(reader->Read(&response));
    EXPECT_EQ(service_.open_follows(), 1);
    context.TryCancel();
    reader->Finish();
  }
  EXPECT_TRUE(Eventually([&] { return service_.ended() == 1; }));
}

TEST_F(StreamTest, IdleStreamsHoldNoHandlerThread) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::StreamResponse>>> readers;
  v1::StreamResponse response;
  // Ten times as many as there are handler threads.
  for (int i = 0; i < 40; ++i) {
    Authorize(*contexts.emplace_back(std::make_unique<grpc::ClientContext>()));
    readers.push_back(stub_->Follow(contexts.back().get(), Messages(0)));
    ASSERT_TRUE(readers.back()->Read(&response));
  }
  EXPECT_THAT(Doctor(absl::Seconds(5)).Invoke(*stub_, &Stub::Wait, Text("x")), IsOk());
  for (size_t i = 0; i < readers.size(); ++i) {
    contexts[i]->TryCancel();
    readers[i]->Finish();
  }
  EXPECT_TRUE(Eventually([&] { return service_.open_follows() == 0; }));
}

TEST_F(StreamTest, SlowReaderOfAFloodIsCutOff) {
  grpc::ClientContext context;
  Authorize(context);
  // 200 messages of 256 KiB are far more than the windows and the queue take while nobody reads.
  auto reader = stub_->Flood(&context, Messages(200, 256 * 1024));
  ASSERT_TRUE(Eventually([&] { return service_.refused_writes() == 1; }));
  v1::StreamResponse response;
  int read = 0;
  while (reader->Read(&response)) ++read;
  EXPECT_LT(read, 200);
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kResourceExhausted, "SLOW_READER"));
}

TEST_F(StreamTest, ReaderThatTakesNothingIsCancelled) {
  grpc::ClientContext context;
  Authorize(context);
  auto reader = stub_->Flood(&context, Messages(200, 256 * 1024));
  ASSERT_TRUE(Eventually([&] { return service_.refused_writes() == 1; }));
  // Reads nothing at all: after the grace the server lets go of the stream by itself.
  const absl::Time start = absl::Now();
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }, absl::Seconds(15)));
  EXPECT_LT(absl::Now() - start, absl::Seconds(15));
  context.TryCancel();
  reader->Finish();
}

TEST_F(StreamTest, ChatAnswersEachMessageInOrder) {
  grpc::ClientContext context;
  Authorize(context);
  auto stream = stub_->Chat(&context);
  v1::EchoResponse response;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(stream->Write(Text(std::to_string(i))));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.text(), std::to_string(i));
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(status::FromGrpc(stream->Finish()), IsOk());
}

TEST_F(StreamTest, BadMessageEndsAChat) {
  grpc::ClientContext context;
  Authorize(context);
  auto stream = stub_->Chat(&context);
  stream->Write(Text(std::string(300, 'x')));
  v1::EchoResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(status::FromGrpc(stream->Finish()),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(StreamTest, CollectGathersAndAnswersOnce) {
  grpc::ClientContext context;
  Authorize(context);
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  v1::EchoResponse response;
  auto writer = stub_->Collect(&context, &response);
  for (const char* part : {"a", "b", "c"}) ASSERT_TRUE(writer->Write(Text(part)));
  writer->WritesDone();
  EXPECT_THAT(status::FromGrpc(writer->Finish()), IsOk());
  EXPECT_EQ(response.text(), "abc");
}

TEST_F(StreamTest, RevokedUserLosesAnOpenStream) {
  grpc::ClientContext context;
  Authorize(context);
  auto reader = stub_->Follow(&context, Messages(0));
  v1::StreamResponse response;
  ASSERT_TRUE(reader->Read(&response));
  revocations_.Revoke(user_, token_clock_.Now() + absl::Seconds(1));
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_REVOKED"));
}

TEST_F(StreamTest, ManyStreamsOpenedAndAbandonedAtOnce) {
  std::vector<std::jthread> threads;
  const std::string token = Token();
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        grpc::ClientContext context;
        context.AddMetadata("authorization", "Bearer " + token);
        auto reader = stub_->Follow(&context, Messages(i % 3 == 0 ? 0 : 500, 1000));
        v1::StreamResponse response;
        for (int k = 0; k < (i + t) % 7; ++k) {
          if (!reader->Read(&response) || response.number() == 0) break;
        }
        context.TryCancel();
        reader->Finish();
      }
    });
  }
  for (std::jthread& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
  EXPECT_EQ(service_.open_follows(), 0);
}

}  // namespace
}  // namespace yilian::contract
