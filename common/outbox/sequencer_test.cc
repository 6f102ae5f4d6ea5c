#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/outbox/numbering.h"
#include "common/outbox/outbox_fixture.h"

namespace yilian::outbox {
namespace {

using mysql::Query;
using mysql::Row;
using status::IsOk;
using test_support::Eventually;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Query kSeed{"test.Seed", "INSERT INTO counter (id, version) VALUES (?, 0)"};
constexpr Query kLock{"test.Lock", "SELECT version FROM counter WHERE id = ? FOR UPDATE"};
constexpr Query kBump{"test.Bump", "UPDATE counter SET version = ? WHERE id = ?"};
constexpr Query kBeginEarlier{"test.BeginEarlier", "SET timestamp = UNIX_TIMESTAMP() - 5"};
constexpr Query kDelay{"test.Delay", "SELECT SLEEP(?)"};
// The trap: ids are taken at insert, and become visible in another order than they were taken.
constexpr Query kFollowByInsertId{
    "test.FollowByInsertId",
    "SELECT outbox_id, aggregate_version FROM outbox WHERE outbox_id > ? ORDER BY outbox_id"};

absl::StatusOr<bool> NumberAll(mysql::Session& session, const base::Uuid& holder,
                               absl::Duration lease) {
  ASSIGN_OR_RETURN(const Unnumbered read, ReadUnnumbered(session, 1000));
  return Number(session, read, holder, lease);
}

using SequencerTest = OutboxTest;

TEST_F(SequencerTest, AWriterWithoutCommitHoldsUpNobody) {
  auto slow = Hold();
  ASSERT_THAT(slow->Begin(), IsOk());
  ASSERT_THAT(Append(*slow, {Event(base::Uuid(), 1)}), IsOk());
  Commit({Event(base::Uuid(), 2)});

  Sequencer sequencer(*pool_);
  ASSERT_TRUE(Eventually([&] { return Read().size() == 1; }, absl::Seconds(5)));
  EXPECT_EQ(Read().front().aggregate_version, 2);

  ASSERT_THAT(slow->Commit(), IsOk());
  ASSERT_TRUE(Eventually([&] { return Read().size() == 2; }));
  EXPECT_EQ(Read(1).front().aggregate_version, 1);
}

TEST_F(SequencerTest, AFollowerByInsertIdLosesWhatCommitsLateAFollowerByPositionDoesNot) {
  auto late = Hold();
  ASSERT_THAT(late->Begin(), IsOk());
  ASSERT_THAT(Append(*late, {Event(base::Uuid(), 1)}), IsOk());
  Commit({Event(base::Uuid(), 2)});

  auto reader = Hold();
  int64_t insert_id = 0;
  std::vector<int64_t> seen_by_insert_id;
  const auto follow = [&] {
    ASSERT_THAT(reader->SelectValues(kFollowByInsertId, {insert_id},
                                     [&](const Row& row) {
                                       insert_id = row.Int(0);
                                       seen_by_insert_id.push_back(row.Int(1));
                                       return absl::OkStatus();
                                     }),
                IsOk());
  };
  std::vector<int64_t> seen_by_position;
  int64_t cursor = 0;
  const auto follow_position = [&] {
    ASSERT_THAT(NumberAll(*reader, base::Uuid::V7(), absl::ZeroDuration()), IsOk());
    for (const StoredEvent& event : Read(cursor)) {
      cursor = event.position;
      seen_by_position.push_back(event.aggregate_version);
    }
  };
  follow();
  follow_position();
  ASSERT_THAT(late->Commit(), IsOk());
  follow();
  follow_position();
  EXPECT_THAT(seen_by_insert_id, ElementsAre(2)) << "the event of version 1 is lost";
  EXPECT_THAT(seen_by_position, ElementsAre(2, 1));
}

TEST_F(SequencerTest, AHolderThatFrozeBetweenReadingAndNumberingIsFenced) {
  Commit({Event(base::Uuid(), 1), Event(base::Uuid(), 2)});
  auto frozen = Hold();
  auto other = Hold();
  const base::Uuid first = base::Uuid::V7();
  auto read = ReadUnnumbered(*frozen, 1000);
  ASSERT_THAT(read, IsOk());
  Commit({Event(base::Uuid(), 3)});
  EXPECT_EQ(*NumberAll(*other, base::Uuid::V7(), absl::Seconds(1)), true);
  EXPECT_EQ(*Number(*frozen, *read, first, absl::Seconds(1)), false);
  EXPECT_THAT(Read(), ElementsAre(testing::Field(&StoredEvent::aggregate_version, 1),
                                  testing::Field(&StoredEvent::aggregate_version, 2),
                                  testing::Field(&StoredEvent::aggregate_version, 3)));
}

TEST_F(SequencerTest, WhileALeaseLastsOthersLeaveTheWorkToItsHolder) {
  auto session = Hold();
  Commit({Event(base::Uuid(), 1)});
  ASSERT_EQ(*NumberAll(*session, base::Uuid::V7(), absl::Hours(1)), true);
  Commit({Event(base::Uuid(), 2)});
  Sequencer sequencer(*pool_);
  EXPECT_EQ(*sequencer.RunOnce(), 0);
  EXPECT_EQ(Read().size(), 1);
}

// A statement's clock stands still at its begin, and a row may become visible to it that was
// written after that.
TEST_F(SequencerTest, ANewSchemasLeaseIsNobodysAlsoForAReadThatBeganBeforeIt) {
  auto early = Hold();
  ASSERT_THAT(early->Execute(kBeginEarlier), IsOk());
  auto session = Hold();
  ASSERT_THAT(EnsureSequencerRow(*session), IsOk());
  const auto read = ReadUnnumbered(*early, 1);
  ASSERT_THAT(read, IsOk());
  EXPECT_FALSE(read->lease_live);
}

TEST_F(SequencerTest, AnExpiredLeaseIsTakenOverWithANewEpoch) {
  auto session = Hold();
  Commit({Event(base::Uuid(), 1)});
  ASSERT_EQ(*NumberAll(*session, base::Uuid::V7(), absl::ZeroDuration()), true);
  Commit({Event(base::Uuid(), 2)});
  Sequencer sequencer(*pool_);
  ASSERT_TRUE(Eventually([&] { return Read().size() == 2; }));
  EXPECT_EQ(ReadUnnumbered(*session, 1)->epoch, 2);
}

TEST_F(SequencerTest, AReplicaWithoutTheLeaseAnnouncesWhatAnotherNumbered) {
  auto session = Hold();
  const base::Uuid other = base::Uuid::V7();
  Commit({Event(base::Uuid(), 1)});
  ASSERT_EQ(*NumberAll(*session, other, absl::Hours(1)), true);
  std::atomic<int64_t> announced = 0;
  Sequencer sequencer(*pool_);
  sequencer.OnAdvance([&](int64_t position) { announced = position; });
  Commit({Event(base::Uuid(), 2)});
  ASSERT_EQ(*NumberAll(*session, other, absl::Hours(1)), true);
  EXPECT_TRUE(Eventually([&] { return announced == 2; }));
}

// Eight writers with delays and rollbacks, sequencers that come and go, and one that freezes in the
// middle of every round.
class SequencerLoadTest : public OutboxTest {
 protected:
  static constexpr int kWriters = 8;
  static constexpr int kTransactions = 150;
  static constexpr int kAggregates = 12;

  void SetUp() override {
    OutboxTest::SetUp();
    if (IsSkipped()) return;
    auto session = Hold();
    for (int i = 0; i < kAggregates; ++i) {
      aggregates_.push_back(base::Uuid::V7());
      ASSERT_THAT(session->Execute(kSeed, aggregates_.back()), IsOk());
    }
  }

  absl::Status WriteOnce(std::mt19937& random, int* appended) {
    const base::Uuid& aggregate = aggregates_[random() % kAggregates];
    const int events = 1 + static_cast<int>(random() % 2);
    const bool roll_back = random() % 10 == 0;
    const std::string delay = random() % 3 == 0 ? "0.003" : "0";
    *appended = 0;
    return mysql::RunTransaction(
        *pool_, {.name = "test.Write", .deadline = Soon()},
        [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const std::optional<int64_t> version,
                           session.SelectOne<int64_t>(
                               kLock, [](const Row& row) { return row.Int(0); }, aggregate));
          RETURN_IF_ERROR(session.Execute(kBump, *version + events, aggregate).status());
          std::vector<NewEvent> batch;
          for (int i = 1; i <= events; ++i) batch.push_back(Event(aggregate, *version + i));
          RETURN_IF_ERROR(Append(session, batch));
          RETURN_IF_ERROR(
              session.SelectValues(kDelay, {delay}, [](const Row&) { return absl::OkStatus(); }));
          if (roll_back) return absl::CancelledError("on purpose");
          *appended = events;
          return absl::OkStatus();
        });
  }

  void Write(int writer) {
    std::mt19937 random(writer);
    for (int i = 0; i < kTransactions; ++i) {
      int appended = 0;
      const absl::Status status = WriteOnce(random, &appended);
      if (status.ok()) {
        committed_ += appended;
      } else if (!absl::IsCancelled(status)) {
        ADD_FAILURE() << status;
      }
    }
    --writing_;
  }

  // Reads, lets the others overtake, and numbers with what it read long ago.
  void FreezeAgainAndAgain() {
    const base::Uuid holder = base::Uuid::V7();
    auto session = Hold();
    while (writing_ > 0) {
      auto read = ReadUnnumbered(*session, 1000);
      ASSERT_THAT(read, IsOk());
      if (read->outbox_ids.empty()) continue;
      Eventually(
          [&] {
            return LastPosition(*session).value_or(0) >= read->next_position || writing_ == 0;
          },
          absl::Seconds(5));
      auto mine = Number(*session, *read, holder, absl::Milliseconds(1));
      ASSERT_THAT(mine, IsOk());
      if (!*mine) ++fenced_;
    }
  }

  std::vector<StoredEvent> FollowToTheEnd() {
    std::vector<StoredEvent> seen;
    Eventually(
        [&] {
          const bool over = writing_ == 0;
          const int64_t want = committed_;
          for (StoredEvent& event : Read(seen.empty() ? 0 : seen.back().position, 50)) {
            seen.push_back(std::move(event));
          }
          return over && static_cast<int64_t>(seen.size()) >= want;
        },
        absl::Seconds(60));
    return seen;
  }

  std::vector<base::Uuid> aggregates_;
  std::atomic<int> writing_ = kWriters;
  std::atomic<int64_t> committed_ = 0;
  std::atomic<int> fenced_ = 0;
};

TEST_F(SequencerLoadTest, EveryCommittedEventOnceWithoutGapsAndInOrderOfVersion) {
  auto first = std::make_unique<Sequencer>(*pool_, absl::Milliseconds(20));
  auto second = std::make_unique<Sequencer>(*pool_, absl::Milliseconds(20));
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back([this, i] { Write(i); });
  threads.emplace_back([this] { FreezeAgainAndAgain(); });
  std::thread stopper([&] {
    Eventually([&] { return committed_ > 300; }, absl::Seconds(60));
    first.reset();
  });
  const std::vector<StoredEvent> seen = FollowToTheEnd();
  for (std::thread& thread : threads) thread.join();
  stopper.join();

  ASSERT_EQ(static_cast<int64_t>(seen.size()), committed_);
  ASSERT_GT(committed_, 1000);
  EXPECT_GT(fenced_, 0) << "nobody was ever overtaken: the test proves less than it should";
  std::set<base::Uuid> ids;
  std::map<base::Uuid, int64_t> versions;
  int64_t position = 0;
  for (const StoredEvent& event : seen) {
    EXPECT_EQ(event.position, ++position);
    EXPECT_TRUE(ids.insert(event.event_id).second);
    EXPECT_EQ(event.aggregate_version, ++versions[event.aggregate_id]);
  }
}

}  // namespace
}  // namespace yilian::outbox
