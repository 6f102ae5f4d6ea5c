#include "common/outbox/consumer.h"

#include <atomic>
#include <span>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/outbox/cursor_store.h"
#include "common/outbox/feed_test_server.h"
#include "common/outbox/inspect.h"
#include "common/outbox/outbox_fixture.h"

namespace yilian::outbox {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;
using status::IsOk;
using status::StatusIs;
using test_support::Eventually;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Query kApply{"test.Apply", "INSERT INTO applied (position, version) VALUES (?, ?)"};
constexpr Query kApplied{"test.Applied", "SELECT version FROM applied ORDER BY applied_id"};

// The effect: one row an event, in order of application. Twice would be two rows.
absl::Status Note(Session& session, const event::v1::Event& event) {
  return session.Execute(kApply, event.position(), event.aggregate_version()).status();
}

class ConsumerTest : public OutboxTest {
 protected:
  void SetUp() override {
    OutboxTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(Hold()->ExecuteText("test.Create",
                                    "CREATE TABLE applied (applied_id INT NOT NULL AUTO_INCREMENT, "
                                    "position BIGINT NOT NULL, version BIGINT NOT NULL, "
                                    "PRIMARY KEY (applied_id)) ENGINE = InnoDB"),
                IsOk());
  }

  static event::v1::Event At(int64_t position, std::string type = "Counted") {
    event::v1::Event event;
    event.set_position(position);
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type(std::move(type));
    event.set_aggregate_version(position);
    return event;
  }

  static ConsumerOptions Options() {
    return {.name = "test.counts",
            .source = "counter",
            .max_attempts = 3,
            .housekeeping = absl::Milliseconds(50),
            .backoff = absl::Milliseconds(5)};
  }

  std::vector<int64_t> Applied() {
    auto rows = Hold()->SelectAll<int64_t>(kApplied, [](const Row& row) { return row.Int(0); });
    EXPECT_THAT(rows, IsOk());
    return rows.value_or(std::vector<int64_t>{});
  }
  int64_t StoredCursor() { return ReadCursor(*Hold(), "test.counts", "counter").value_or(-1); }
  std::vector<DeadLetter> DeadLetters() { return *ListDeadLetters(*Hold(), 100); }
};

TEST_F(ConsumerTest, AnEventDeliveredTwiceHasItsEffectOnce) {
  Consumer consumer(*pool_, nullptr, Options(), Note);
  ASSERT_THAT(consumer.Apply(At(1)), IsOk());
  ASSERT_THAT(consumer.Apply(At(1)), IsOk());
  EXPECT_THAT(Applied(), ElementsAre(1));
  EXPECT_EQ(StoredCursor(), 1);
  EXPECT_EQ(consumer.cursor(), 1);
}

TEST_F(ConsumerTest, ANewProcessGoesOnWhereTheOldOneStopped) {
  ASSERT_THAT(Consumer(*pool_, nullptr, Options(), Note).Apply(At(5)), IsOk());
  Consumer restarted(*pool_, nullptr, Options(), Note);
  ASSERT_THAT(restarted.Apply(At(5)), IsOk());
  ASSERT_THAT(restarted.Apply(At(6)), IsOk());
  EXPECT_THAT(Applied(), ElementsAre(5, 6));
}

TEST_F(ConsumerTest, AFailedEffectLeavesNothingAndMovesNothing) {
  Consumer consumer(*pool_, nullptr, Options(),
                    [](Session& session, const event::v1::Event& event) {
                      EXPECT_THAT(Note(session, event), IsOk());
                      return absl::UnavailableError("elsewhere");
                    });
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(consumer.Apply(At(1)), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(Applied(), IsEmpty());
  EXPECT_EQ(StoredCursor(), 0);
  EXPECT_THAT(DeadLetters(), IsEmpty()) << "a retryable error is tried again for ever";
}

TEST_F(ConsumerTest, AnEventThatFailsForGoodGoesToTheDeadLettersAndTheNextOneComes) {
  Consumer consumer(
      *pool_, nullptr, Options(), [](Session& session, const event::v1::Event& event) {
        if (event.position() == 1) {
          return absl::Status(status::Error(absl::StatusCode::kInternal, "yilian", "CANNOT")
                                  .Message("text that could quote data"));
        }
        return Note(session, event);
      });
  EXPECT_THAT(consumer.Apply(At(1)), StatusIs(absl::StatusCode::kInternal, "CANNOT"));
  EXPECT_THAT(consumer.Apply(At(1)), StatusIs(absl::StatusCode::kInternal, "CANNOT"));
  EXPECT_THAT(consumer.Apply(At(1)), IsOk()) << "the third attempt was the last";
  EXPECT_THAT(consumer.Apply(At(2)), IsOk());
  EXPECT_THAT(Applied(), ElementsAre(2));
  ASSERT_THAT(DeadLetters(), SizeIs(1));
  const DeadLetter letter = DeadLetters().front();
  EXPECT_EQ(letter.consumer, "test.counts");
  EXPECT_EQ(letter.position, 1);
  EXPECT_EQ(letter.type, "Counted");
  EXPECT_EQ(letter.reason, "CANNOT");
  EXPECT_EQ(letter.attempts, 3);
  EXPECT_FALSE(letter.requeued);
}

TEST_F(ConsumerTest, ReplicasShareTheWorkWithoutDoubles) {
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([this] {
      Consumer consumer(*pool_, nullptr, Options(), Note);
      for (int position = 1; position <= 40; ++position) {
        EXPECT_THAT(consumer.Apply(At(position)), IsOk());
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  std::vector<int64_t> expected;
  for (int position = 1; position <= 40; ++position) expected.push_back(position);
  EXPECT_EQ(Applied(), expected);
}

TEST_F(ConsumerTest, RequeueOfALetterThatIsNotThereSaysSo) {
  EXPECT_THAT(RequeueDeadLetter(*Hold(), "test.counts", 9),
              StatusIs(absl::StatusCode::kNotFound, "DEAD_LETTER_NOT_FOUND"));
}

// A consumer on a real connection to a feed over the same schema.
class FollowingConsumerTest : public ConsumerTest {
 protected:
  void SetUp() override {
    ConsumerTest::SetUp();
    if (IsSkipped()) return;
    sequencer_ = std::make_unique<Sequencer>(*pool_);
    StartServer(0);
  }
  void TearDown() override {
    StopServer();
    sequencer_.reset();
  }
  void StartServer(int port) {
    feed_ = std::make_unique<Feed>(*pool_, *sequencer_);
    server_ = std::make_unique<FeedServer>(*feed_, port);
  }
  void StopServer() {
    if (feed_ != nullptr) feed_->Drain();
    server_.reset();
    feed_.reset();
  }
  void CommitVersions(int from, int to, std::string type = "Counted") {
    for (int version = from; version <= to; ++version) {
      Commit({Event({}, version, {}, type)});
    }
    sequencer_->Notify();
  }

  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<FeedServer> server_;
};

TEST_F(FollowingConsumerTest, FollowsAcrossARestartOfTheSource) {
  Consumer consumer(*pool_, server_->NewChannel(), Options(), Note);
  CommitVersions(1, 30);
  ASSERT_TRUE(Eventually([&] { return consumer.cursor() == 30; }));
  const int port = server_->port();
  StopServer();
  CommitVersions(31, 60);
  StartServer(port);
  ASSERT_TRUE(Eventually([&] { return consumer.cursor() == 60; }));
  std::vector<int64_t> expected;
  for (int version = 1; version <= 60; ++version) expected.push_back(version);
  EXPECT_EQ(Applied(), expected);
}

TEST_F(FollowingConsumerTest, CatchingUpWithAFailureInTheMiddleAppliesEachOnce) {
  CommitVersions(1, 40);
  std::atomic<int> failures = 3;
  std::atomic<int> notified = 0;
  Consumer consumer(*pool_, server_->NewChannel(), Options(),
                    [&](Session& session, const event::v1::Event& event) {
                      RETURN_IF_ERROR(Note(session, event));
                      if (event.aggregate_version() == 17 && failures-- > 0) {
                        return absl::AbortedError("not now");
                      }
                      return absl::OkStatus();
                    });
  consumer.OnApplied([&](const event::v1::Event&) { ++notified; });
  ASSERT_TRUE(Eventually([&] { return consumer.cursor() == 40; }));
  EXPECT_THAT(Applied(), SizeIs(40));
  EXPECT_LE(notified, 40);
}

TEST_F(FollowingConsumerTest, EventsAreGatheredUntilThereAreEnough) {
  ConsumerOptions options = Options();
  options.linger = absl::Minutes(10);
  options.together = 3;
  absl::Mutex mutex;
  std::vector<size_t> calls;
  Consumer consumer(*pool_, server_->NewChannel(), options,
                    [&](Session& session, std::span<const event::v1::Event> events) {
                      absl::MutexLock lock(&mutex);
                      calls.push_back(events.size());
                      return Consumer::OneByOne(Note)(session, events);
                    });
  for (int version = 1; version <= 3; ++version) {
    CommitVersions(version, version);
    ASSERT_TRUE(Eventually([&] { return *LastPosition(*Hold()) == version; }));
  }
  ASSERT_TRUE(Eventually([&] { return consumer.cursor() == 3; }));
  EXPECT_THAT(Applied(), ElementsAre(1, 2, 3));
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(calls, ElementsAre(3));
}

TEST_F(FollowingConsumerTest, AGatheredEventDoesNotWaitForOthersForEver) {
  ConsumerOptions options = Options();
  options.linger = absl::Milliseconds(20);
  Consumer consumer(*pool_, server_->NewChannel(), options, Note);
  CommitVersions(1, 1);
  EXPECT_TRUE(Eventually([&] { return consumer.cursor() == 1; }));
  EXPECT_THAT(Applied(), ElementsAre(1));
}

TEST_F(FollowingConsumerTest, ACursorThatOnlyFilteredEventsMovedIsStored) {
  CommitVersions(1, 5, "Ignored");
  ConsumerOptions options = Options();
  options.types = {"Counted"};
  Consumer consumer(*pool_, server_->NewChannel(), options, Note);
  EXPECT_TRUE(Eventually([&] { return StoredCursor() == 5; }));
  EXPECT_THAT(Applied(), IsEmpty());
}

TEST_F(FollowingConsumerTest, ARequeuedDeadLetterIsTriedAgain) {
  std::atomic<bool> broken = true;
  Consumer consumer(*pool_, server_->NewChannel(), Options(),
                    [&](Session& session, const event::v1::Event& event) {
                      if (broken) return absl::InternalError("a bug");
                      return Note(session, event);
                    });
  CommitVersions(1, 1);
  ASSERT_TRUE(Eventually([&] { return DeadLetters().size() == 1; }));
  ASSERT_THAT(RequeueDeadLetter(*Hold(), "test.counts", 1), IsOk());
  ASSERT_TRUE(Eventually([&] { return DeadLetters().front().attempts == 4; })) << "still broken";
  EXPECT_FALSE(DeadLetters().front().requeued);
  broken = false;
  ASSERT_THAT(RequeueDeadLetter(*Hold(), "test.counts", 1), IsOk());
  EXPECT_TRUE(Eventually([&] { return DeadLetters().empty(); }));
  EXPECT_THAT(Applied(), ElementsAre(1));
}

TEST_F(FollowingConsumerTest, EndsAtOnceWhileTheSourceIsAway) {
  StopServer();
  auto channel = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  const absl::Time start = absl::Now();
  { Consumer consumer(*pool_, channel, Options(), Note); }
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

}  // namespace
}  // namespace yilian::outbox
