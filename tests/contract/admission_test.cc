// More work than the service can do: what is let in keeps its deadline, the rest is told at once
// when to come again.
#include <gmock/gmock.h>
#include <grpcpp/alarm.h>

#include <algorithm>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;

// One call of a storm: how it ended and how long it took.
struct Outcome {
  absl::Status status;
  absl::Duration took;
};

class AdmissionTest : public ContractTest {
 protected:
  // Starts `count` calls of Wait, one every `interval`, whatever becomes of them.
  std::vector<Outcome> Storm(Stub& stub, int count, absl::Duration interval,
                             absl::Duration deadline) {
    struct Call {
      grpc::Alarm due;
      grpc::ClientContext context;
      v1::EchoResponse response;
      absl::Time start;
    };
    const v1::EchoRequest request = Text("x");
    const std::string token = Token();
    std::vector<Outcome> outcomes(count);
    std::vector<Call> calls(count);
    absl::BlockingCounter running(count);
    const absl::Time begin = absl::Now();
    for (int i = 0; i < count; ++i) {
      Call& call = calls[i];
      // Each at its time, whatever became of the others.
      call.due.Set(absl::ToChronoTime(begin + i * interval), [&, i](bool) {
        call.start = absl::Now();
        EXPECT_THAT(rpc::ClientCall(deadline).WithToken(token).Prepare(call.context), IsOk());
        stub.async()->Wait(&call.context, &request, &call.response,
                           [&, i](const grpc::Status& status) {
                             outcomes[i] = {status::FromGrpc(status), absl::Now() - call.start};
                             running.DecrementCount();
                           });
      });
    }
    running.Wait();
    return outcomes;
  }
};

TEST_F(AdmissionTest, FullQueueAnswersAtOnceWithARetryDelay) {
  rpc::Server::Options options = NewOptions();
  options.admission = {.threads = 2, .priority_threads = 1, .queue_length = 3};
  Start(std::move(options));
  auto stub = Client();
  service_.CloseGate();
  std::vector<std::jthread> admitted;
  std::atomic<int> served{0};
  const std::string token = Token();
  for (int i = 0; i < 5; ++i) {
    admitted.emplace_back([&] {
      served += rpc::ClientCall(absl::Seconds(30))
                    .WithToken(token)
                    .Invoke(*stub, &Stub::Wait, Text("x"))
                    .ok();
    });
  }
  ASSERT_TRUE(service_.AwaitRunning(2));
  ASSERT_TRUE(
      Eventually([&] { return server_->executor().load(rpc::Lane::kOrdinary).waiting == 3; }));
  const absl::Time start = absl::Now();
  const absl::Status refused = Doctor().Invoke(*stub, &Stub::Wait, Text("x")).status();
  const absl::Duration took = absl::Now() - start;
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_LT(took, absl::Milliseconds(500));
  const auto retry = status::RetryOf(refused);
  ASSERT_TRUE(retry.has_value());
  EXPECT_GT(retry->retry_delay().seconds() * 1'000'000'000 + retry->retry_delay().nanos(), 0);
  // The priority lane has its own thread and queue.
  EXPECT_THAT(Doctor(absl::Seconds(5)).Invoke(*stub, &Stub::Urgent, Text("critical value")),
              IsOk());
  service_.OpenGate();
  for (std::jthread& thread : admitted) thread.join();
  EXPECT_EQ(served, 5);
}

TEST_F(AdmissionTest, AValueThatAsksForItHasThePriorityLaneInAnOrdinaryMethod) {
  rpc::Server::Options options = NewOptions();
  options.admission = {.threads = 1, .priority_threads = 1, .queue_length = 1};
  Start(std::move(options));
  auto stub = Client();
  service_.CloseGate();
  std::vector<std::jthread> admitted;
  const std::string token = Token();
  for (int i = 0; i < 2; ++i) {
    admitted.emplace_back([&] {
      EXPECT_THAT(
          rpc::ClientCall(absl::Seconds(30)).WithToken(token).Invoke(*stub, &Stub::Wait, Text("x")),
          IsOk());
    });
    ASSERT_TRUE(service_.AwaitRunning(1)) << "the first one runs, the second waits";
  }
  ASSERT_TRUE(
      Eventually([&] { return server_->executor().load(rpc::Lane::kOrdinary).waiting == 1; }));
  const auto ask = [&](const v1::EchoRequest& request) {
    return Doctor(absl::Seconds(5)).Invoke(*stub, &Stub::ReadRecord, request).status();
  };
  const auto refused = StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED");
  v1::EchoRequest request = Text("x");
  EXPECT_THAT(ask(request), refused);
  request.set_colour(v1::COLOUR_RED);
  EXPECT_THAT(ask(request), refused);
  request.add_colours(v1::COLOUR_GREEN);
  EXPECT_THAT(ask(request), refused) << "one of several things it speaks of";
  request.mutable_task()->set_name("x");
  request.mutable_task()->set_colour(v1::COLOUR_GREEN);
  EXPECT_THAT(ask(request), refused) << "of something that it speaks of";
  request.set_colour(v1::COLOUR_GREEN);
  EXPECT_THAT(ask(request), IsOk());
  service_.OpenGate();
}

TEST_F(AdmissionTest, ACrowdAtOneThingKeepsOnlyItselfWaiting) {
  rpc::Server::Options options = NewOptions();
  options.admission = {.threads = 1, .priority_threads = 0, .queue_length = 16};
  Start(std::move(options));
  auto stub = Client();
  service_.CloseGate();
  const std::string token = Token();
  const auto ask = [&](const char* about) {
    v1::EchoRequest request = Text("x");
    request.set_about(about);
    return rpc::ClientCall(absl::Seconds(30))
        .WithToken(token)
        .Invoke(*stub, &Stub::Wait, request)
        .status();
  };
  std::atomic<int> crowd_served{0};
  std::vector<std::jthread> crowd;
  const auto waiting = [&](int count) {
    return Eventually(
        [&] { return server_->executor().load(rpc::Lane::kOrdinary).waiting == count; });
  };
  for (int i = 0; i < 13; ++i) {
    crowd.emplace_back([&] {
      EXPECT_THAT(ask("the one seat"), IsOk());
      ++crowd_served;
    });
    ASSERT_TRUE(i == 0 ? service_.AwaitRunning(1) : waiting(i));
  }
  // Three quarters of the queue are theirs; the rest is for others.
  EXPECT_THAT(ask("the one seat"), StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  // In which order they are served is turns_test's: here all are let through in one moment.
  std::jthread other([&] { EXPECT_THAT(ask("another seat"), IsOk()); });
  ASSERT_TRUE(waiting(13));
  service_.OpenGate();
  other.join();
  crowd.clear();
  EXPECT_EQ(crowd_served, 13);
}

TEST_F(AdmissionTest, FiveTimesTheLoadKeepsTheDeadlinesOfTheAdmitted) {
  rpc::Server::Options options = NewOptions();
  options.admission = {.threads = 2, .priority_threads = 1, .queue_length = 256};
  Start(std::move(options));
  auto stub = Client();
  // Two threads at 20 ms a call serve 100 calls a second; 500 come.
  service_.set_work(absl::Milliseconds(20));
  ASSERT_THAT(Doctor().Invoke(*stub, &Stub::Wait, Text("warm")), IsOk());
  std::atomic<bool> over{false};
  std::atomic<int> urgent_failed{0};
  std::jthread urgent([&] {
    const std::string token = Token();
    while (!over) {
      const auto answer = rpc::ClientCall(absl::Seconds(2))
                              .WithToken(token)
                              .Invoke(*stub, &Stub::Urgent, Text("x"));
      if (!answer.ok()) ++urgent_failed;
    }
  });
  // How late a thread wakes that does nothing else: what the machine withholds, not the server.
  absl::Notification calm;
  absl::Duration withheld;
  std::jthread pulse([&] {
    constexpr absl::Duration kBeat = absl::Milliseconds(5);
    absl::Time due = absl::Now() + kBeat;
    while (!calm.WaitForNotificationWithTimeout(kBeat)) {
      withheld += absl::Now() - due;
      due = absl::Now() + kBeat;
    }
  });
  const std::vector<Outcome> outcomes =
      Storm(*stub, 1500, absl::Milliseconds(2), absl::Milliseconds(500));
  over = true;
  urgent.join();
  calm.Notify();
  pulse.join();
  if (withheld > absl::Milliseconds(1500)) {
    GTEST_SKIP() << "in 3 s an idle thread woke " << withheld
                 << " too late in all: the machine was busy with others";
  }
  int served = 0;
  int refused = 0;
  int late = 0;
  std::vector<absl::Duration> refusals;
  for (const Outcome& outcome : outcomes) {
    if (outcome.status.ok()) {
      ++served;
      continue;
    }
    if (status::ReasonOf(outcome.status) == "OVERLOADED") {
      ++refused;
      EXPECT_TRUE(status::RetryOf(outcome.status).has_value());
      refusals.push_back(outcome.took);
    } else {
      ++late;
      EXPECT_THAT(outcome.status, StatusIs(absl::StatusCode::kDeadlineExceeded));
    }
  }
  // Three seconds: 300 calls can be served.
  EXPECT_GT(served, 150);
  EXPECT_GT(refused, 800);
  EXPECT_LE(late, 15) << served << " served, " << refused << " refused";
  std::sort(refusals.begin(), refusals.end());
  EXPECT_LT(refusals[refusals.size() / 2], absl::Milliseconds(50));
  EXPECT_EQ(urgent_failed, 0);
  RecordProperty("served", served);
  RecordProperty("refused", refused);
  RecordProperty("late", late);
}

TEST_F(AdmissionTest, WorkWhoseDeadlinePassedInTheQueueIsDropped) {
  rpc::Server::Options options = NewOptions();
  options.admission = {.threads = 1, .priority_threads = 0, .queue_length = 10};
  Start(std::move(options));
  auto stub = Client();
  service_.CloseGate();
  const std::string token = Token();
  std::jthread first([&] {
    EXPECT_THAT(
        rpc::ClientCall(absl::Seconds(30)).WithToken(token).Invoke(*stub, &Stub::Wait, Text("x")),
        IsOk());
  });
  ASSERT_TRUE(service_.AwaitRunning(1));
  const absl::Duration patience = absl::Milliseconds(200);
  std::jthread second([&] {
    EXPECT_THAT(rpc::ClientCall(patience).WithToken(token).Invoke(*stub, &Stub::Wait, Text("x")),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
  });
  ASSERT_TRUE(
      Eventually([&] { return server_->executor().load(rpc::Lane::kOrdinary).waiting == 1; }));
  // The server counts from the arrival, which lies before now: the client's clock runs out first.
  const absl::Time expired = absl::Now() + patience;
  second.join();
  ASSERT_TRUE(Eventually([&] { return absl::Now() > expired; }));
  service_.OpenGate();
  first.join();
  // The second handler never ran.
  ASSERT_THAT(Doctor().Invoke(*stub, &Stub::Wait, Text("x")), IsOk());
  EXPECT_EQ(service_.handled(), 2);
}

TEST_F(AdmissionTest, OversizedRequestIsRefused) {
  rpc::Server::Options options = NewOptions();
  options.max_request_bytes = 10'000;
  Start(std::move(options));
  auto stub = Client();
  const auto refused = Doctor().Invoke(*stub, &Stub::Echo, Text(std::string(20'000, 'x')));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("10000 are allowed"));
  // Far beyond the limit gRPC itself stops reading; it knows nothing of our details.
  EXPECT_THAT(Doctor().Invoke(*stub, &Stub::Echo, Text(std::string(8 << 20, 'x'))),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(service_.handled(), 0);
}

}  // namespace
}  // namespace yilian::contract
