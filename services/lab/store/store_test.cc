// The laboratory schema on a real database: versions, exact values, and who sees what.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/lab/store/mysql_report_store.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"
#include "yilian/lab/v1/lab.pb.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::WriteAs;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}

class ReportStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(LabMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, base::SystemClock(), "yilian.lab");
    store_ = std::make_unique<MysqlReportStore>(*unit_, rules_);
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }
  static Sight Caring() { return {.organization = Org(9), .cares = true}; }

  IncomingReport Incoming(ResultStatus status, std::vector<std::string> values = {"5.60"}) {
    IncomingReport incoming{.patient = patient_,
                            .performing_organization = Org(1),
                            .ordering_organization = Org(2),
                            .filler_order_number = "L|1001^珅",
                            .code = {.system = "L", .code = "K", .display = "电解质"},
                            .status = status};
    for (std::string& value : values) {
      const bool number = value.find_first_not_of("0123456789.-") == std::string::npos &&
                          value.find('-', 1) == std::string::npos;
      incoming.observations.push_back(
          {.code = {.system = "LN", .code = "2823-3", .display = "血钾"},
           .value_type = number ? ValueType::kNumeric : ValueType::kStructured,
           .value = std::move(value),
           .unit = "mmol/L",
           .reference_range = "70_105",
           .abnormal_flags = {"H", "A"}});
    }
    return incoming;
  }

  absl::StatusOr<ReportId> TakeIn(const IncomingReport& incoming,
                                  const base::Uuid& request = base::Uuid::V7()) {
    auto answer = store_->TakeIn<v1::Report>(WriteAs(Org(1).uuid(), request), incoming,
                                             [](const Report& report) {
                                               v1::Report out;
                                               out.set_report_id(report.id.ToString());
                                               out.set_version(report.version);
                                               return out;
                                             });
    if (!answer.ok()) return answer.status();
    return ReportId::Parse(answer->report_id());
  }

  Report Read(ReportId id, int version = 0) {
    auto found = store_->Get(id, version, Deadline());
    EXPECT_THAT(found, IsOk());
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? **found : Report();
  }

  int Count(const std::string& sql) {
    int count = 0;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues({"test.Count", sql}, {},
                                                             [&](const mysql::Row& row) {
                                                               count = static_cast<int>(row.Int(0));
                                                               return absl::OkStatus();
                                                             });
                               }),
                IsOk());
    return count;
  }

  const CriticalRules rules_;
  const PatientId patient_{base::Uuid::V7()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReportStore> store_;
};

TEST_F(ReportStoreTest, ValuesComeBackExactlyAsSent) {
  const std::vector<std::string> values = {"<0.41", "1:640", "0.0000001", "105600",
                                           "5.60",  "-0.0",  "4-6"};
  const ReportId id = *TakeIn(Incoming(ResultStatus::kFinal, values));
  const Report report = Read(id);
  ASSERT_EQ(report.observations.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(report.observations[i].value, values[i]);
  EXPECT_EQ(report.observations[0].abnormal_flags, (std::vector<std::string>{"H", "A"}));
  EXPECT_EQ(report.filler_order_number, "L|1001^珅");
}

TEST_F(ReportStoreTest, VersionsAreAChainAndTheCurrentOneIsShown) {
  const ReportId id = *TakeIn(Incoming(ResultStatus::kPreliminary, {"5.1"}));
  ASSERT_EQ(*TakeIn(Incoming(ResultStatus::kFinal, {"5.6"})), id);
  ASSERT_EQ(*TakeIn(Incoming(ResultStatus::kPreliminary, {"5.2"})), id);  // late: kept, not shown
  ASSERT_EQ(*TakeIn(Incoming(ResultStatus::kFinal, {"4.1"})), id);
  EXPECT_EQ(Read(id).version, 4);
  EXPECT_EQ(Read(id).status, ResultStatus::kCorrected);
  EXPECT_EQ(Read(id, 1).observations[0].value, "5.1");
  EXPECT_EQ(Read(id, 3).observations[0].value, "5.2");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM outbox"), 3);
}

TEST_F(ReportStoreTest, TheSameAgainStoresNothing) {
  const ReportId id = *TakeIn(Incoming(ResultStatus::kFinal));
  EXPECT_EQ(*TakeIn(Incoming(ResultStatus::kFinal)), id);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM report_version"), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM outbox"), 1);
}

TEST_F(ReportStoreTest, TheSameReportFromManySendersAtOnceIsOne) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<ReportId> ids;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto id = TakeIn(Incoming(ResultStatus::kFinal));
      std::lock_guard lock(mutex);
      ASSERT_THAT(id, IsOk());
      ids.insert(*id);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM report_version"), 1);
}

TEST_F(ReportStoreTest, AnotherPatientIsRefusedAndChangesNothing) {
  const ReportId id = *TakeIn(Incoming(ResultStatus::kFinal));
  IncomingReport other = Incoming(ResultStatus::kFinal);
  other.patient = PatientId(base::Uuid::V7());
  EXPECT_THAT(TakeIn(other),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PATIENT_CONTRADICTS"));
  EXPECT_EQ(Read(id).patient, patient_);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM report_version"), 1);
}

TEST_F(ReportStoreTest, AWithdrawnReportLeavesTheLists) {
  const ReportId id = *TakeIn(Incoming(ResultStatus::kFinal));
  EXPECT_EQ(store_->List({.patient = patient_, .sight = Caring()}, Deadline())->size(), 1u);
  ASSERT_EQ(*TakeIn(Incoming(ResultStatus::kWithdrawn)), id);
  EXPECT_EQ(store_->List({.patient = patient_, .sight = Caring()}, Deadline())->size(), 0u);
}

TEST_F(ReportStoreTest, ListsPageByKeyAndKeepToTheParty) {
  std::set<ReportId> all;
  for (int i = 0; i < 5; ++i) {
    IncomingReport incoming = Incoming(ResultStatus::kFinal);
    incoming.filler_order_number = "L-" + std::to_string(i);
    incoming.issued_at = absl::FromUnixSeconds(1'700'000'000 + i / 2);
    all.insert(*TakeIn(incoming));
  }
  std::set<ReportId> seen;
  ReportsQuery query{.patient = patient_, .sight = Caring(), .limit = 2};
  for (int page = 0; page < 5; ++page) {
    const auto found = store_->List(query, Deadline());
    ASSERT_THAT(found, IsOk());
    if (found->empty()) break;
    for (const Report& one : *found) EXPECT_TRUE(seen.insert(one.id).second);
    query.before_time = found->back().issued_at;
    query.before_id = found->back().id;
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(
      store_->List({.patient = patient_, .sight = {.organization = Org(2)}}, Deadline())->size(),
      5u);
  EXPECT_EQ(
      store_->List({.patient = patient_, .sight = {.organization = Org(3)}}, Deadline())->size(),
      0u);
}

TEST_F(ReportStoreTest, ReportsFollowAMergeInEveryVersionAndGoBackWhenItIsUndone) {
  const ReportId moved = *TakeIn(Incoming(ResultStatus::kPreliminary));
  ASSERT_EQ(*TakeIn(Incoming(ResultStatus::kFinal)), moved);
  const PatientId survivor(base::Uuid::V7());
  directory::v1::PatientsMerged merged;
  merged.set_merge_id(base::Uuid::V7().ToString());
  merged.set_surviving_patient_id(survivor.ToString());
  merged.set_merged_patient_id(patient_.ToString());
  directory::v1::PatientsUnmerged unmerged;
  unmerged.set_merge_id(merged.merge_id());
  unmerged.set_surviving_patient_id(merged.surviving_patient_id());
  unmerged.set_merged_patient_id(merged.merged_patient_id());
  const auto apply = [&](const google::protobuf::Message& payload) {
    event::v1::Event event;
    event.set_type(payload.GetDescriptor()->name());
    event.mutable_payload()->PackFrom(payload);
    return mysql::RunTransaction(
        *pool_, {.name = "test.Merge", .deadline = Deadline()},
        [&](mysql::Session& session) { return store_->MovePatient(session, event); });
  };
  ASSERT_THAT(apply(merged), IsOk());
  for (const int version : {1, 2}) EXPECT_EQ(Read(moved, version).patient, survivor) << version;
  EXPECT_EQ(Read(moved).patient, survivor);
  IncomingReport later = Incoming(ResultStatus::kFinal);
  later.patient = survivor;
  later.filler_order_number = "L-later";
  const ReportId stays = *TakeIn(later);
  ASSERT_THAT(apply(unmerged), IsOk());
  for (const int version : {1, 2}) EXPECT_EQ(Read(moved, version).patient, patient_) << version;
  EXPECT_EQ(Read(moved).patient, patient_);
  EXPECT_EQ(Read(stays).patient, survivor);
}

TEST_F(ReportStoreTest, AReportForAMergedRecordIsTheSurvivorsOrMovesWithItsEarlierVersions) {
  const ReportId before = *TakeIn(Incoming(ResultStatus::kPreliminary));
  const relationship::SubjectMerge merge{
      .id = base::Uuid::V7(), .survivor = base::Uuid::V7(), .merged = patient_.uuid()};
  // Known of by the relationships, rows not moved yet.
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return relationship::RecordMerge(session, merge);
                                    }),
              IsOk());
  ASSERT_EQ(*TakeIn(Incoming(ResultStatus::kFinal)), before);
  EXPECT_EQ(Read(before).patient, patient_) << "moves with the version before it";
  IncomingReport fresh = Incoming(ResultStatus::kFinal);
  fresh.filler_order_number = "L-2";
  EXPECT_EQ(Read(*TakeIn(fresh)).patient.uuid(), merge.survivor);
}

TEST_F(ReportStoreTest, AReportOfAThousandObservationsIsOneWhole) {
  std::vector<std::string> values;
  for (int i = 0; i < 1'000; ++i) values.push_back(std::to_string(i));
  const ReportId id = *TakeIn(Incoming(ResultStatus::kFinal, values));
  const Report report = Read(id);
  ASSERT_EQ(report.observations.size(), 1'000u);
  EXPECT_EQ(report.observations[999].value, "999");
}

}  // namespace
}  // namespace yilian::lab
