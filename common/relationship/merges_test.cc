#include "common/relationship/merges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/relationship/projection.h"
#include "common/status/matchers.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::relationship {
namespace {

using status::IsOk;
using status::StatusIs;

// A service with letters, and their versions, about people.
constexpr SubjectTable kTables[] = {
    {.name = "letter_version",
     .row_id = "letter_id",
     .subject = "patient_id",
     .row_part = "version",
     .within = "t.letter_id IN (SELECT letter_id FROM letter WHERE patient_id = ?)"},
    {.name = "letter", .row_id = "letter_id", .subject = "patient_id"},
};

class MergesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto pool = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(kMigrations));
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
    Sql("CREATE TABLE letter (letter_id BINARY(16) PRIMARY KEY, patient_id BINARY(16) NOT NULL, "
        "KEY (patient_id))");
    Sql("CREATE TABLE letter_version (letter_id BINARY(16), version INT, "
        "patient_id BINARY(16) NOT NULL, PRIMARY KEY (letter_id, version))");
  }
  void Sql(const std::string& sql, const mysql::Values& values = {}) {
    ASSERT_THAT(Run([&](mysql::Session& session) {
                  return session.ExecuteComposed("test.Sql", sql, values).status();
                }),
                IsOk());
  }
  template <typename Body>
  absl::Status Run(const Body& body) {
    return mysql::RunTransaction(
        *pool_, {.name = "test.Run", .deadline = absl::Now() + absl::Seconds(10)}, body);
  }
  base::Uuid Letter(const base::Uuid& patient) {
    const base::Uuid id = base::Uuid::V7();
    Sql("INSERT INTO letter VALUES (?, ?)", {id, patient});
    for (int version = 1; version <= 2; ++version) {
      Sql("INSERT INTO letter_version VALUES (?, ?, ?)", {id, version, patient});
    }
    return id;
  }
  base::Uuid PatientOf(const std::string& table, const base::Uuid& letter) {
    base::Uuid patient;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Patient",
                                      "SELECT patient_id FROM " + table +
                                          " WHERE letter_id = ? ORDER BY patient_id LIMIT 1"},
                                     {letter}, [&](const mysql::Row& row) {
                                       patient = row.Id(0);
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return patient;
  }
  // A session waits for a row that another one holds. The test's server has no other users.
  bool IsSomebodyWaiting() {
    std::string waiting = "0";
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Waiting",
                                      "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"},
                                     {}, [&](const mysql::Row& row) {
                                       waiting = row.Text(1);
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return waiting != "0";
  }
  event::v1::Event MergeEvent() {
    directory::v1::PatientsMerged payload;
    payload.set_merge_id(merge_.ToString());
    payload.set_surviving_patient_id(survivor_.ToString());
    payload.set_merged_patient_id(merged_.ToString());
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type("PatientsMerged");
    event.mutable_payload()->PackFrom(payload);
    return event;
  }
  template <typename Payload>
  absl::Status Feed(const std::string& type, const base::Uuid& merge, const base::Uuid& survivor,
                    const base::Uuid& merged) {
    Payload payload;
    payload.set_merge_id(merge.ToString());
    payload.set_surviving_patient_id(survivor.ToString());
    payload.set_merged_patient_id(merged.ToString());
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type(type);
    event.mutable_payload()->PackFrom(payload);
    return Run([&](mysql::Session& session) -> absl::Status {
      if (absl::Status moved = MoveRows(session, event, kTables); !moved.ok()) return moved;
      return Apply(session, event);
    });
  }
  absl::Status Merge(const base::Uuid& merge, const base::Uuid& survivor,
                     const base::Uuid& merged) {
    return Feed<directory::v1::PatientsMerged>("PatientsMerged", merge, survivor, merged);
  }
  absl::Status Unmerge(const base::Uuid& merge, const base::Uuid& survivor,
                       const base::Uuid& merged) {
    return Feed<directory::v1::PatientsUnmerged>("PatientsUnmerged", merge, survivor, merged);
  }
  std::optional<base::Uuid> Survivor(const base::Uuid& patient) {
    std::optional<base::Uuid> survivor;
    EXPECT_THAT(Run([&](mysql::Session& session) -> absl::Status {
                  auto found = SurvivorOf(session, patient);
                  if (!found.ok()) return found.status();
                  survivor = *found;
                  return absl::OkStatus();
                }),
                IsOk());
    return survivor;
  }

  std::unique_ptr<mysql::Pool> pool_;
  const base::Uuid survivor_ = base::Uuid::V7();
  const base::Uuid merged_ = base::Uuid::V7();
  const base::Uuid merge_ = base::Uuid::V7();
};

TEST_F(MergesTest, RowsFollowTheSurvivorAndTheSameRowsGoBack) {
  const base::Uuid own = Letter(survivor_);
  const base::Uuid moved = Letter(merged_);
  ASSERT_THAT(Merge(merge_, survivor_, merged_), IsOk());
  ASSERT_THAT(Merge(merge_, survivor_, merged_), IsOk()) << "an event may come twice";
  EXPECT_EQ(PatientOf("letter", moved), survivor_);
  EXPECT_EQ(PatientOf("letter_version", moved), survivor_);
  const base::Uuid later = Letter(survivor_);

  ASSERT_THAT(Unmerge(merge_, survivor_, merged_), IsOk());
  ASSERT_THAT(Unmerge(merge_, survivor_, merged_), IsOk());
  EXPECT_EQ(PatientOf("letter", moved), merged_);
  EXPECT_EQ(PatientOf("letter_version", moved), merged_);
  for (const base::Uuid& stays : {own, later}) {
    EXPECT_EQ(PatientOf("letter", stays), survivor_);
    EXPECT_EQ(PatientOf("letter_version", stays), survivor_);
  }
}

TEST_F(MergesTest, ARowWrittenInTheMeantimeForTheMergedRecordMovesWithTheNextDelivery) {
  ASSERT_THAT(Merge(merge_, survivor_, merged_), IsOk());
  const base::Uuid late = Letter(merged_);
  ASSERT_THAT(Merge(merge_, survivor_, merged_), IsOk());
  EXPECT_EQ(PatientOf("letter", late), survivor_);
}

// Two sessions, the writer first: the merge waits for the row and moves it.
TEST_F(MergesTest, AMergeWaitsForTheRowThatIsBeingWritten) {
  std::atomic<bool> merged{false};
  std::thread merge;
  const base::Uuid letter = base::Uuid::V7();
  ASSERT_THAT(
      Run([&](mysql::Session& session) -> absl::Status {
        if (absl::Status live = HoldLive(session, merged_); !live.ok()) return live;
        merge = std::thread([&] {
          EXPECT_THAT(Merge(merge_, survivor_, merged_), IsOk());
          merged = true;
        });
        EXPECT_TRUE(test_support::Eventually([&] { return merged || IsSomebodyWaiting(); }));
        return session
            .ExecuteComposed("test.Letter", "INSERT INTO letter VALUES (?, ?)", {letter, merged_})
            .status();
      }),
      IsOk());
  merge.join();
  EXPECT_EQ(PatientOf("letter", letter), survivor_);
}

// Two sessions, the merge first: the writer waits for it and sees it.
TEST_F(MergesTest, AWriterWaitsForTheMergeThatIsBeingApplied) {
  std::atomic<bool> answered{false};
  std::thread writer;
  absl::Status refused;
  absl::StatusOr<base::Uuid> followed = absl::UnknownError("not asked");
  ASSERT_THAT(
      Run([&](mysql::Session& session) -> absl::Status {
        absl::Status moved = MoveRows(session, MergeEvent(), kTables);
        if (!moved.ok()) return moved;
        writer = std::thread([&] {
          refused = Run([&](mysql::Session& other) { return HoldLive(other, merged_); });
          EXPECT_THAT(Run([&](mysql::Session& other) {
                        followed = HoldSurvivor(other, merged_);
                        return followed.status();
                      }),
                      IsOk());
          answered = true;
        });
        EXPECT_TRUE(test_support::Eventually([&] { return answered || IsSomebodyWaiting(); }));
        EXPECT_FALSE(answered) << "while the rows were on their way";
        return absl::OkStatus();
      }),
      IsOk());
  writer.join();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_MERGED"));
  ASSERT_THAT(followed, IsOk());
  EXPECT_EQ(*followed, survivor_);
}

TEST_F(MergesTest, EveryGateIsThereAndWritersShareIt) {
  for (int i = 0; i < 256; ++i) {
    std::string id = base::Uuid::V7().ToBytes();
    id.back() = static_cast<char>(i);
    const base::Uuid person = *base::Uuid::FromBytes(id);
    EXPECT_THAT(Run([&](mysql::Session& session) -> absl::Status {
                  if (absl::Status live = HoldLive(session, person); !live.ok()) return live;
                  // From another session: not a lock that keeps other writers out.
                  return Run([&](mysql::Session& other) { return HoldBeside(other, person); });
                }),
                IsOk());
  }
}

// The consumer of the moves lags behind that of the relationships: what was undone stays undone.
TEST_F(MergesTest, AnUndoneMergeIsForgottenByWhoeverHearsOfItLast) {
  ASSERT_THAT(Merge(merge_, survivor_, merged_), IsOk());
  ASSERT_THAT(Unmerge(merge_, survivor_, merged_), IsOk());
  const auto move = [&](const event::v1::Event& event) {
    return Run([&](mysql::Session& session) { return MoveRows(session, event, kTables); });
  };
  ASSERT_THAT(move(MergeEvent()), IsOk());
  event::v1::Event undone = MergeEvent();
  directory::v1::PatientsMerged merged;
  ASSERT_TRUE(undone.payload().UnpackTo(&merged));
  directory::v1::PatientsUnmerged payload;
  payload.set_merge_id(merged.merge_id());
  payload.set_surviving_patient_id(merged.surviving_patient_id());
  payload.set_merged_patient_id(merged.merged_patient_id());
  undone.set_type("PatientsUnmerged");
  undone.mutable_payload()->PackFrom(payload);
  ASSERT_THAT(move(undone), IsOk());
  EXPECT_EQ(Survivor(merged_), std::nullopt);
}

TEST_F(MergesTest, AMergedRecordNamesItsSurvivorAcrossChainsUntilItIsLiveAgain) {
  const base::Uuid last = base::Uuid::V7();
  const base::Uuid second = base::Uuid::V7();
  EXPECT_EQ(Survivor(merged_), std::nullopt);
  ASSERT_THAT(Merge(merge_, survivor_, merged_), IsOk());
  ASSERT_THAT(Merge(second, last, survivor_), IsOk());
  EXPECT_EQ(Survivor(merged_), last);
  EXPECT_EQ(Survivor(last), std::nullopt);
  ASSERT_THAT(Unmerge(second, last, survivor_), IsOk());
  EXPECT_EQ(Survivor(merged_), survivor_);
  ASSERT_THAT(Unmerge(merge_, survivor_, merged_), IsOk());
  EXPECT_EQ(Survivor(merged_), std::nullopt);
}

TEST_F(MergesTest, ABrokenEventIsNamed) {
  event::v1::Event event;
  event.set_type("PatientsUnmerged");
  event.mutable_payload()->PackFrom(directory::v1::PatientsMerged());
  EXPECT_THAT(Run([&](mysql::Session& session) { return MoveRows(session, event, kTables); }),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
}

}  // namespace
}  // namespace yilian::relationship
