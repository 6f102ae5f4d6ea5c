// More work than the service can do: what is let in keeps its deadline, the rest is told at once
// when to come again.
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;

class AdmissionTest : public ContractTest {
 protected:
  // Runs `calls` of Wait at once; each entry is how it ended and how long it took.
  struct Outcome {
    absl::Status status;
    absl::Duration took;
  };
  std::vector<Outcome> Storm(Stub& stub, int callers, int calls_each, absl::Duration deadline) {
    std::vector<Outcome> outcomes(callers * calls_each);
    std::vector<std::jthread> threads;
    const std::string token = Token();
    for (int i = 0; i < callers; ++i) {
      threads.emplace_back([&, i] {
        for (int k = 0; k < calls_each; ++k) {
          const absl::Time start = absl::Now();
          Outcome& outcome = outcomes[i * calls_each + k];
          outcome.status = rpc::ClientCall(deadline)
                               .WithToken(token)
                               .Invoke(stub, &Stub::Wait, Text("x"))
                               .status();
          outcome.took = absl::Now() - start;
        }
      });
    }
    for (std::jthread& thread : threads) thread.join();
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

TEST_F(AdmissionTest, FiveTimesTheLoadKeepsTheDeadlinesOfTheAdmitted) {
  rpc::Server::Options options = NewOptions();
  options.admission = {.threads = 4, .priority_threads = 1, .queue_length = 256};
  Start(std::move(options));
  auto stub = Client();
  // 4 threads at 10 ms a call serve 400/s, within 200 ms about 80 callers; 100 threads that return
  // at once are far more than five times that.
  service_.set_work(absl::Milliseconds(10));
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
  const std::vector<Outcome> outcomes = Storm(*stub, 100, 20, absl::Milliseconds(200));
  over = true;
  urgent.join();
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
  EXPECT_GT(served, 50);
  EXPECT_GT(refused, 500);
  // Two cores also run a hundred client threads here: a few admitted calls may still come late.
  EXPECT_LE(late, static_cast<int>(outcomes.size()) / 50)
      << served << " served, " << refused << " refused";
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
  EXPECT_THAT(rpc::ClientCall(absl::Milliseconds(100))
                  .WithToken(token)
                  .Invoke(*stub, &Stub::Wait, Text("x")),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
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
  EXPECT_THAT(Doctor().Invoke(*stub, &Stub::Echo, Text(std::string(20'000, 'x'))),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(service_.handled(), 0);
}

}  // namespace
}  // namespace yilian::contract
