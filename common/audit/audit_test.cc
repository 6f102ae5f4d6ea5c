#include <atomic>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/audit/audit_fixture.h"
#include "common/audit/chain.h"
#include "common/audit/entry_store.h"
#include "tests/support/eventually.h"

namespace yilian::audit {
namespace {

using status::IsOk;
using test_support::Eventually;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(AuditTest, ARecordComesBackFromTheChainAsItWent) {
  Record given = Read(1);
  given.action = Action::kRefused;
  given.organization_id = base::Uuid::V7();
  given.data_subject_id = base::Uuid::V7();
  auto session = Hold();
  ASSERT_THAT(InsertRecords(*session, {given}), IsOk());
  Link();
  auto linked = ReadLinked(*session, 1, 10);
  ASSERT_THAT(linked, IsOk());
  ASSERT_EQ(linked->size(), 1);
  EXPECT_EQ(CanonicalBytes(linked->front().record, 1), CanonicalBytes(given, 1));
  EXPECT_EQ(linked->front().hash, LinkHash(GenesisHash(), given, 1));
}

TEST_F(AuditTest, TheCanonicalBytesTellEveryFieldApart) {
  const Record base = Read(1);
  const std::string bytes = CanonicalBytes(base, 1);
  EXPECT_EQ(bytes.substr(0, 14), "yilian-audit-1");
  EXPECT_NE(CanonicalBytes(base, 2), bytes);
  const auto differs = [&](auto change) {
    Record record = base;
    change(record);
    return CanonicalBytes(record, 1) != bytes;
  };
  EXPECT_TRUE(differs([](Record& r) { r.occurred_at += absl::Microseconds(1); }));
  EXPECT_TRUE(differs([](Record& r) { r.audit_id = base::Uuid::V7(); }));
  EXPECT_TRUE(differs([](Record& r) { r.method += "x"; }));
  EXPECT_TRUE(differs([](Record& r) { r.action = Action::kWrite; }));
  EXPECT_TRUE(differs([](Record& r) { r.peer += "x"; }));
  EXPECT_TRUE(differs([](Record& r) { r.user_id = base::Uuid::V7(); }));
  EXPECT_TRUE(differs([](Record& r) { r.organization_id = base::Uuid::V7(); }));
  EXPECT_TRUE(differs([](Record& r) { r.subject_type += "x"; }));
  EXPECT_TRUE(differs([](Record& r) { std::swap(r.subject_id, r.data_subject_id); }));
  EXPECT_TRUE(differs([](Record& r) { r.outcome = "REFUSED"; }));
  EXPECT_TRUE(differs([](Record& r) { r.trace_id += "1"; }));
  EXPECT_TRUE(differs([](Record& r) {
    r.outcome = "";
    r.subject_type += "OK";  // the same bytes in a row, cut elsewhere
  }));
}

TEST_F(AuditTest, AnEmptyTrailIsWhole) {
  const Verification verified = Check();
  EXPECT_EQ(verified.records, 0);
  EXPECT_THAT(verified.fault, IsEmpty());
}

TEST_F(AuditTest, WhatIsNotLinkedYetIsCountedApart) {
  Insert(1, 3);
  EXPECT_EQ(Check().unlinked, 3);
  Link();
  const Verification verified = Check();
  EXPECT_EQ(verified.records, 3);
  EXPECT_EQ(verified.unlinked, 0);
  EXPECT_EQ(verified.head_hash.size(), 64);
  EXPECT_THAT(verified.fault, IsEmpty());
}

TEST_F(AuditTest, TheChainSpansPagesAndBatchesAndCanBeCheckedFromTheMiddle) {
  Insert(1, 2500);
  Link();
  EXPECT_EQ(Check().records, 2500);
  EXPECT_THAT(Check().fault, IsEmpty());
  EXPECT_EQ(Check(2001).records, 500);
  EXPECT_THAT(Check(2001).fault, IsEmpty());
  EXPECT_EQ(Check().head_hash, Check(2001).head_hash);
}

TEST_F(AuditTest, ChainersOfTwoReplicasBesideWritersMakeOneChain) {
  Chainer one(*pool_);
  Chainer two(*pool_);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([this, writer] {
      for (int i = 0; i < 50; ++i) Insert(writer * 1000 + i * 10, writer * 1000 + i * 10 + 2);
    });
  }
  const auto run = [](Chainer& chainer) {
    for (int i = 0; i < 50; ++i) EXPECT_THAT(chainer.RunOnce(), IsOk());
  };
  std::thread first([&] { run(one); });
  std::thread second([&] { run(two); });
  for (std::thread& writer : writers) writer.join();
  first.join();
  second.join();
  ASSERT_TRUE(Eventually([&] { return Check().unlinked == 0; }));
  EXPECT_EQ(Check().records, 4 * 50 * 3);
  EXPECT_THAT(Check().fault, IsEmpty());
}

// Each way to tamper with five linked records, and what Verify says.
struct Tampering {
  std::string name;
  std::vector<std::string> sql;
  std::string fault;
};
class TamperTest : public AuditTest, public testing::WithParamInterface<Tampering> {};

TEST_P(TamperTest, IsNoticed) {
  Insert(1, 5);
  Link();
  ASSERT_THAT(Check().fault, IsEmpty());
  for (const std::string& sql : GetParam().sql) Tamper(sql);
  EXPECT_THAT(Check().fault, HasSubstr(GetParam().fault));
}

std::string Change(std::string_view column, std::string_view value) {
  return "UPDATE audit_entry SET " + std::string(column) + " = " + std::string(value) +
         " WHERE position = 3";
}
const std::string kForeignRow =
    "INSERT INTO audit_entry (audit_id, occurred_at, method, action, peer, subject_type, outcome, "
    "trace_id, position, chain_hash) VALUES (REPEAT('x', 16), '2026-01-01', 'm', 'READ', 'p', 't', "
    "'OK', '', ";

INSTANTIATE_TEST_SUITE_P(
    Every, TamperTest,
    testing::Values(
        Tampering{
            "Method", {Change("method", "'/other'")}, "position 3: the record does not match"},
        Tampering{
            "Time", {Change("occurred_at", "'2020-01-01'")}, "position 3: the record does not"},
        Tampering{"Action", {Change("action", "'WRITE'")}, "position 3: the record does not match"},
        Tampering{
            "Peer", {Change("peer", "'spiffe://x'")}, "position 3: the record does not match"},
        Tampering{"User", {Change("user_id", "NULL")}, "position 3: the record does not match"},
        Tampering{"Organization", {Change("organization_id", "REPEAT('o', 16)")}, "position 3"},
        Tampering{
            "SubjectType", {Change("subject_type", "'x'")}, "position 3: the record does not"},
        Tampering{"Subject", {Change("subject_id", "REPEAT('s', 16)")}, "position 3: the record"},
        Tampering{"DataSubject", {Change("data_subject_id", "REPEAT('d', 16)")}, "position 3"},
        Tampering{
            "Outcome", {Change("outcome", "'DENIED'")}, "position 3: the record does not match"},
        Tampering{"Trace", {Change("trace_id", "''")}, "position 3: the record does not match"},
        Tampering{"Id", {Change("audit_id", "REPEAT('i', 16)")}, "position 3: the record does not"},
        Tampering{"Hash", {Change("chain_hash", "REPEAT('h', 32)")}, "position 3: the record does"},
        Tampering{"DeletedFirst", {"DELETE FROM audit_entry WHERE position = 1"}, "position 1"},
        Tampering{"DeletedMiddle",
                  {"DELETE FROM audit_entry WHERE position = 3"},
                  "position 3: the record is missing"},
        Tampering{"DeletedLast",
                  {"DELETE FROM audit_entry WHERE position = 5"},
                  "position 5: the record is missing; the chain reaches 5"},
        Tampering{"DeletedAll", {"DELETE FROM audit_entry"}, "position 1: the record is missing"},
        Tampering{"Unlinked",
                  {"UPDATE audit_entry SET position = NULL, chain_hash = NULL WHERE position = 2"},
                  "position 2: the record is missing"},
        Tampering{"Swapped",
                  {"UPDATE audit_entry SET position = 99 WHERE position = 2",
                   "UPDATE audit_entry SET position = 2 WHERE position = 3",
                   "UPDATE audit_entry SET position = 3 WHERE position = 99"},
                  "position 2: the record does not match"},
        Tampering{"InsertedAtTheEnd", {kForeignRow + "6, REPEAT('h', 32))"}, "position 6"},
        Tampering{"InsertedInTheMiddle",
                  {"UPDATE audit_entry SET position = position + 1 WHERE position >= 3 "
                   "ORDER BY position DESC",
                   kForeignRow + "3, REPEAT('h', 32))"},
                  "position 3: the record does not match"},
        Tampering{"HeadMovedBack", {"UPDATE audit_chain SET next_position = 4"}, "position 6"},
        Tampering{"HeadHash",
                  {"UPDATE audit_chain SET head_hash = REPEAT('h', 32)"},
                  "position 5: the record's hash is not the chain's head"}),
    [](const auto& info) { return info.param.name; });

TEST_F(AuditTest, AReadIsDurableWhenItIsSaidToBe) {
  ReadLog log(*pool_);
  std::atomic<int> done = 0;
  log.Append(Read(1), [&](absl::Status status) {
    EXPECT_THAT(status, IsOk());
    EXPECT_EQ(Check().unlinked, 1);
    ++done;
  });
  EXPECT_TRUE(Eventually([&] { return done == 1; }));
}

TEST_F(AuditTest, TextThatDoesNotFitIsCutNotRefused) {
  Record record = Read(1);
  record.method = std::string(500, 'm');
  record.peer = std::string(500, 'p');
  record.outcome = "原因";
  ASSERT_THAT(InsertRecords(*Hold(), {record}), IsOk());
  Link();
  EXPECT_THAT(Check().fault, IsEmpty());
}

TEST_F(AuditTest, WithoutADatabaseNoAnswerGoesOut) {
  std::atomic<int> refused = 0;
  {
    ReadLog log(*pool_);
    Tamper("DROP TABLE audit_pending");
    log.Append(Read(1), [&](absl::Status status) { refused += status.ok() ? 0 : 1; });
  }
  EXPECT_EQ(refused, 1);
}

TEST_F(AuditTest, AFullQueueAnswersAtOnce) {
  constexpr int kAppended = 12'000;
  std::atomic<int> full = 0;
  absl::Mutex gate;
  gate.Lock();  // the log's threads wait in their first `done`, with one row's records each
  {
    ReadLog log(*pool_);
    for (int i = 0; i < kAppended; ++i) {
      log.Append(Read(i), [&](absl::Status status) {
        if (status::ReasonOf(status) == "AUDIT_QUEUE_FULL") {
          ++full;
        } else {
          absl::MutexLock lock(&gate);
        }
      });
    }
    EXPECT_GE(full, 1000);
    EXPECT_LT(full, 2000);
    gate.Unlock();
  }
  EXPECT_EQ(Check().unlinked, kAppended - full) << "what was taken is written before the log ends";
}

// Not a promise about other machines: it shows that reads share their flushes. RESULTS.md has
// figures.
TEST_F(AuditTest, ManyCallersShareOneFlush) {
  constexpr int kCallers = 32;
  constexpr int kEach = 300;
  ReadLog log(*pool_);
  std::vector<std::thread> callers;
  const absl::Time start = absl::Now();
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&log, caller] {
      for (int i = 0; i < kEach; ++i) {
        absl::Notification durable;
        log.Append(Read(caller * kEach + i), [&](absl::Status status) {
          EXPECT_THAT(status, IsOk());
          durable.Notify();
        });
        durable.WaitForNotification();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const double per_second = kCallers * kEach / absl::ToDoubleSeconds(absl::Now() - start);
  RecordProperty("records_per_second", static_cast<int>(per_second));
  std::printf("read log: %.0f records/s with %d callers\n", per_second, kCallers);
  EXPECT_EQ(Check().unlinked, kCallers * kEach);
}

}  // namespace
}  // namespace yilian::audit
