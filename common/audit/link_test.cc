#include "common/audit/link.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "common/audit/audit_fixture.h"
#include "common/audit/chain.h"
#include "common/audit/entry_store.h"
#include "common/audit/pending.h"
#include "common/base/status_macros.h"
#include "tests/support/eventually.h"
#include "tests/support/tcp_gate.h"

namespace yilian::audit {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::Eventually;
using test_support::TcpGate;
using testing::HasSubstr;
using testing::IsEmpty;

class LinkTest : public AuditTest {
 protected:
  // As a replica that heeds no lease, so that replicas meet as often as they can.
  static LinkOptions Replica() {
    return {.holder = base::Uuid::V7(),
            .heed_lease = false,
            .lease = absl::Seconds(60),
            .patience = absl::Seconds(5)};
  }
  std::unique_ptr<mysql::Pool> PoolThrough(const TcpGate& gate) {
    mysql::PoolOptions options = options_;
    options.socket = gate.socket();
    options.size = 1;
    auto pool = mysql::Pool::Open(options);
    EXPECT_THAT(pool, IsOk());
    return *std::move(pool);
  }
  // What a step does, but for the end: `session` holds it open.
  void BeginStep(mysql::Connection& session) {
    ASSERT_THAT(session.Begin(), IsOk());
    const Head head = *ReadHead(session);
    const std::vector<PendingRow> rows = *ReadPending(session, base::Uuid(), 1);
    ASSERT_EQ(rows.size(), 1);
    const std::vector<Record>& records = rows[0].records;
    const Head next = After(head, records, base::Uuid::V7());
    ASSERT_EQ(*MoveHead(session, head, next, absl::Seconds(1)), true);
    ASSERT_THAT(InsertLinked(session, head, records), IsOk());
    ASSERT_EQ(*DeletePending(session, {rows[0].id}), 1);
  }
  // Whether some session runs the statement with this name right now.
  bool Running(const std::string& name) {
    bool running = false;
    EXPECT_THAT(Hold()->SelectText("test.Processes", "SHOW FULL PROCESSLIST",
                                   [&](const mysql::Row& row) {
                                     running |= row.Text(7).find(name) != std::string::npos;
                                     return absl::OkStatus();
                                   }),
                IsOk());
    return running;
  }
  void ExpectWhole(int64_t records) {
    const Verification verified = Check();
    EXPECT_EQ(verified.records, records);
    EXPECT_EQ(verified.unlinked, 0);
    EXPECT_THAT(verified.fault, IsEmpty());
    EXPECT_EQ(Number("SELECT COUNT(DISTINCT audit_id) FROM audit_entry"), records);
  }
};

TEST(Pending, RecordsComeBackAsTheyWent) {
  Record first;
  first.occurred_at = absl::FromUnixMicros(1'760'000'000'000'001);
  first.audit_id = base::Uuid::V7();
  first.method = std::string(190, 'm');
  first.action = Action::kWrite;
  first.peer = std::string(255, 'p');
  first.user_id = base::Uuid::V7();
  first.organization_id = base::Uuid::V7();
  first.subject_type = "referral";
  first.subject_id = base::Uuid::V7();
  first.data_subject_id = base::Uuid::V7();
  first.outcome = "REPLAYED";
  first.trace_id = "0af7651916cd43dd8448eb211c80319c";
  Record second;
  second.occurred_at = absl::FromUnixMicros(-1);
  second.action = Action::kRefused;
  const Record records[] = {first, second};
  const auto unpacked = Unpack(Pack(records, 2));
  ASSERT_THAT(unpacked, IsOk());
  ASSERT_EQ(unpacked->size(), 2);
  EXPECT_EQ(CanonicalBytes((*unpacked)[0], 7), CanonicalBytes(first, 7));
  EXPECT_EQ(CanonicalBytes((*unpacked)[1], 7), CanonicalBytes(second, 7));
}

TEST(Pending, BytesThatAreNoWholeRecordAreRefused) {
  const Record record = {.occurred_at = absl::UnixEpoch(), .method = "/m", .outcome = "OK"};
  const std::string bytes = Pack(&record, 1);
  for (size_t size = 2; size < bytes.size(); ++size) {
    EXPECT_THAT(Unpack(bytes.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss, "AUDIT_PENDING_UNREADABLE"))
        << size;
  }
  EXPECT_FALSE(Unpack("").ok());
  EXPECT_FALSE(Unpack("\x02" + bytes.substr(1)).ok()) << "another layout";
  EXPECT_FALSE(Unpack(bytes + "x").ok());
}

TEST_F(LinkTest, EachRecordIsLinkedOnceWhileReplicasCompeteAndTheirConnectionsBreak) {
  constexpr int kWriters = 3;
  constexpr int kEach = 60;
  constexpr int kReplicas = 2;
  // How often a cut meets a step is chance: a step is short, and connecting again takes a while.
  constexpr int kBroken = 10;
  const absl::Time until = absl::Now() + absl::Minutes(1);
  std::atomic<int> writing = kWriters + 1;
  std::atomic<int> broken = 0;
  std::atomic<int> overtaken = 0;
  std::atomic<int> written = 0;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < kEach || (broken < kBroken && absl::Now() < until); ++i) {
        // Past those there is always something to link, and never more than is soon verified.
        if (i >= kEach) {
          Eventually([&] {
            return broken >= kBroken || Number("SELECT COUNT(*) FROM audit_pending") == 0;
          });
        }
        Insert(writer * 100'000 + i * 10, writer * 100'000 + i * 10 + i % 3);
        written += i % 3 + 1;
      }
      --writing;
    });
  }
  threads.emplace_back([&] {
    {
      ReadLog log(*pool_);
      for (int i = 0; i < kWriters * kEach; ++i) {
        log.Append(Read(1'000'000 + i),
                   [&](absl::Status status) { written += status.ok() ? 1 : 0; });
      }
    }
    --writing;
  });
  std::vector<std::unique_ptr<TcpGate>> gates;
  for (int replica = 0; replica < kReplicas; ++replica) {
    gates.push_back(TcpGate::ToSocket(options_.socket));
    threads.emplace_back([&, pool = std::shared_ptr(PoolThrough(*gates.back()))] {
      const LinkOptions options = Replica();
      for (bool last = false; !last;) {
        last = writing == 0 && Number("SELECT COUNT(*) FROM audit_pending") == 0;
        const auto step = LinkPending(*pool, options);
        if (!step.ok()) ++broken;
        if (step.ok() && step->linked == 0 && step->more) ++overtaken;
      }
    });
  }
  // As soon as a replica has connected again it is cut off again: in the middle of a step as often
  // as between two.
  std::thread cutter([&] {
    for (int cut = 0; writing > 0; ++cut) {
      const int accepted = gates[cut % kReplicas]->accepted();
      gates[cut % kReplicas]->Cut();
      Eventually([&] { return writing == 0 || gates[cut % kReplicas]->accepted() > accepted; });
    }
  });
  cutter.join();
  for (std::thread& thread : threads) thread.join();
  std::printf("%d steps lost their connection, %d were overtaken\n", broken.load(),
              overtaken.load());
  EXPECT_GE(broken, kBroken);
  ExpectWhole(written);
}

TEST_F(LinkTest, ACommitThatIsLostOnItsWayIsAllOrNothing) {
  for (const auto point : {TcpGate::CutPoint::kBeforeServer, TcpGate::CutPoint::kBeforeAnswer}) {
    Insert(1, 3);
    const auto gate = TcpGate::ToSocket(options_.socket);
    const auto pool = PoolThrough(*gate);
    gate->CutAt(test_support::kCommitPacket, point);
    EXPECT_FALSE(LinkPending(*pool, Replica()).ok());
    EXPECT_TRUE(gate->cut_happened());
    EXPECT_EQ(Check().unlinked, point == TcpGate::CutPoint::kBeforeServer ? 3 : 0);
    Link();
  }
  ExpectWhole(6);
}

TEST_F(LinkTest, AStepWhoseConnectionIsKilledInTheMiddleLeavesNothing) {
  Insert(1, 3);
  auto session = Hold();
  BeginStep(*session);
  int64_t id = 0;
  ASSERT_THAT(session->SelectText("test.Id", "SELECT CONNECTION_ID()",
                                  [&](const mysql::Row& row) {
                                    id = row.Int(0);
                                    return absl::OkStatus();
                                  }),
              IsOk());
  Tamper("KILL " + std::to_string(id));
  Link();
  ExpectWhole(3);
}

TEST_F(LinkTest, WritersDoNotWaitForAStep) {
  Insert(1, 3);
  ASSERT_EQ(Check().unlinked, 3);
  auto session = Hold();
  BeginStep(*session);
  // A lock would be waited for longer than this (innodb_lock_wait_timeout), and then be an error.
  Insert(4, 6);
  EXPECT_EQ(Check().unlinked, 6);
  ASSERT_THAT(session->Commit(), IsOk());
  Link();
  ExpectWhole(6);
}

TEST_F(LinkTest, WhoReadTheHeadBeforeAnotherLinkedIsFenced) {
  Insert(1, 2);
  auto session = Hold();
  const Head head = *ReadHead(*session);
  const std::vector<Record> records = (*ReadPending(*session, base::Uuid(), 1))[0].records;
  Link();
  EXPECT_EQ(*MoveHead(*session, head, After(head, records, base::Uuid::V7()), absl::Seconds(1)),
            false);
  EXPECT_EQ(*LinkUnnumbered(*session, head, records, base::Uuid::V7(), absl::Seconds(1)), false);
  ExpectWhole(2);
}

// Without the check of the head the keys of audit_entry would keep the chain whole as well: the
// records are there already. But the step would then end in an error, and an alarm, for what is no
// fault.
TEST_F(LinkTest, AStepThatIsOvertakenChangesNothingAndIsNoError) {
  Insert(1, 1);
  Link();
  Insert(2, 4);
  auto session = Hold();
  BeginStep(*session);
  absl::StatusOr<LinkStep> overtaken;
  std::thread step([&] { overtaken = LinkPending(*pool_, Replica()); });
  // It has looked, and waits for the head's row.
  EXPECT_TRUE(Eventually([&] { return Running("UPDATE audit_chain"); }));
  EXPECT_THAT(session->Commit(), IsOk());
  step.join();
  ASSERT_THAT(overtaken, IsOk());
  EXPECT_EQ(overtaken->linked, 0);
  EXPECT_TRUE(overtaken->more) << "it looks again at once";
  ExpectWhole(4);
}

TEST_F(LinkTest, OthersLeaveItToWhoHoldsTheLease) {
  Insert(1, 2);
  ASSERT_EQ(LinkPending(*pool_, Replica())->linked, 2);
  Insert(3, 4);
  LinkOptions polite = Replica();
  polite.heed_lease = true;
  EXPECT_EQ(LinkPending(*pool_, polite)->linked, 0);
  Tamper("UPDATE audit_chain SET lease_until = '2000-01-01'");
  EXPECT_EQ(LinkPending(*pool_, polite)->linked, 2);
  ExpectWhole(4);
}

TEST_F(LinkTest, ARowThatIsDeletedWhileItsRecordsAreLinkedIsNoticed) {
  Insert(1, 3);
  auto thief = Hold();
  ASSERT_THAT(thief->Begin(), IsOk());
  ASSERT_THAT(thief->ExecuteText("test.Steal", "DELETE FROM audit_pending"), IsOk());
  absl::Status outcome;
  std::thread step([&] { outcome = LinkPending(*pool_, Replica()).status(); });
  EXPECT_TRUE(Eventually([&] { return Running("audit.DeletePending"); }));
  EXPECT_THAT(thief->Commit(), IsOk());
  step.join();
  EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kDataLoss, "AUDIT_ROWS_VANISHED"));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM audit_entry"), 0);
}

TEST_F(LinkTest, APendingRowThatWasChangedIsNoticedAndNothingIsLinkedPastIt) {
  Insert(1, 3);
  Insert(4, 4);
  Tamper("UPDATE audit_pending SET records = CONCAT(records, 'x') ORDER BY pending_id LIMIT 1");
  EXPECT_THAT(Check().fault, HasSubstr("records cannot be read"));
  EXPECT_THAT(LinkPending(*pool_, Replica()),
              StatusIs(absl::StatusCode::kDataLoss, "AUDIT_PENDING_UNREADABLE"));
  Tamper(
      "UPDATE audit_pending SET records = SUBSTR(records, 1, LENGTH(records) - 1) "
      "ORDER BY pending_id LIMIT 1");
  EXPECT_THAT(Check().fault, IsEmpty());
  Tamper("UPDATE audit_pending SET record_count = 2 ORDER BY pending_id LIMIT 1");
  EXPECT_THAT(Check().fault, HasSubstr("records cannot be read"));
}

TEST_F(LinkTest, ARecordThatWasStoredTwiceIsLinkedOnce) {
  const Record record = Read(1);
  auto session = Hold();
  ASSERT_THAT(InsertRecords(*session, {record}), IsOk());
  ASSERT_THAT(InsertRecords(*session, {Read(2), record}), IsOk());
  Link();
  ASSERT_THAT(InsertRecords(*session, {record, Read(3)}), IsOk());
  Link();
  ASSERT_THAT(InsertRecords(*session, {record}), IsOk());
  Link();
  ExpectWhole(3);
}

TEST_F(LinkTest, AnotherRecordWithATakenIdIsNotLostAndHoldsUpNothing) {
  const Record taken = Read(1);
  Record other = Read(2);
  other.audit_id = taken.audit_id;
  ASSERT_THAT(InsertRecords(*Hold(), {taken}), IsOk());
  Link();
  ASSERT_THAT(InsertRecords(*Hold(), {other, Read(3)}), IsOk());
  Link();
  ExpectWhole(3);
}

TEST_F(LinkTest, RowsOfAReleaseWithoutTheJournalAreLinkedFirst) {
  Insert(1, 2);
  for (const std::string id : {"a", "b"}) {
    Tamper(
        "INSERT INTO audit_entry (audit_id, occurred_at, method, action, peer, subject_type, "
        "outcome, trace_id) VALUES (REPEAT('" +
        id + "', 16), '2026-01-01', 'old', 'READ', 'p', 't', 'OK', '')");
  }
  EXPECT_EQ(Check().unlinked, 4);
  Link();
  ExpectWhole(4);
  EXPECT_EQ(Number("SELECT SUM(position) FROM audit_entry WHERE method = 'old'"), 1 + 2);
}

TEST_F(LinkTest, ARowWithAnOldIdIsLinkedByTheNextLookAtAll) {
  const absl::Time now = absl::Now();
  EXPECT_LT(base::Uuid::V7(now - absl::Milliseconds(1)), FirstIdAt(now));
  EXPECT_GT(base::Uuid::V7(now), FirstIdAt(now));
  ASSERT_THAT(InsertPending(*Hold(), base::Uuid::V7(now - absl::Hours(1)), {Read(1)}), IsOk());
  LinkOptions recent = Replica();
  recent.after = FirstIdAt(now);
  EXPECT_EQ(LinkPending(*pool_, recent)->linked, 0);
  Tamper("UPDATE audit_chain SET lease_until = '2000-01-01'");
  const Chainer chainer(*pool_);
  EXPECT_TRUE(Eventually([&] { return Check().unlinked == 0; }));
  ExpectWhole(1);
}

TEST_F(LinkTest, AChainerLinksWithinATenthOfASecondWhenTheServerIsQuick) {
  const Chainer chainer(*pool_);
  Insert(1, 1);
  ASSERT_TRUE(Eventually([&] { return Check().unlinked == 0; }));
  absl::Duration least = absl::InfiniteDuration();
  for (int i = 0; i < 10; ++i) {
    Insert(10 + i, 10 + i);
    const absl::Time durable = absl::Now();
    ASSERT_TRUE(Eventually([&] { return Check().unlinked == 0; }));
    least = std::min(least, absl::Now() - durable);
  }
  // The quickest of ten: a busy machine delays the others.
  EXPECT_LT(least, absl::Milliseconds(100));
  ExpectWhole(11);
}

TEST_F(LinkTest, StepsOfAllSizesMakeOneChain) {
  int from = 1;
  for (const int count : {1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 85, 255, 256, 257, 600}) {
    Insert(from, from + count - 1);
    from += count;
    Link();
  }
  ExpectWhole(from - 1);
}

}  // namespace
}  // namespace yilian::audit
