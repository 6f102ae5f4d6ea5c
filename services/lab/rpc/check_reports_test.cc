// Which reports are there for who wants to cite them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/mysql/pool.h"
#include "common/relationship/merges.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/lab/rpc/handlers.h"
#include "services/lab/rpc/strict_directory.h"
#include "services/lab/store/mysql_report_store.h"
#include "services/lab/store/mysql_sharing_store.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}

class CheckReportsTest : public ::testing::Test {
 protected:
  static inline const OrganizationId kLaboratory = Org(1);
  static inline const OrganizationId kOrdering = Org(2);
  static inline const OrganizationId kTreating = Org(3);
  static inline const OrganizationId kStranger = Org(4);

  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(LabMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, base::SystemClock(), "yilian.lab");
    store_ = std::make_unique<MysqlReportStore>(*unit_, rules_);
    relationships_ =
        std::make_unique<relationship::Check>(*pool_, directory_.NewChannel(), base::SystemClock());
    sharing_ = std::make_unique<MysqlSharingStore>(*unit_);
    sights_ = std::make_unique<Sights>(*relationships_, *sharing_);
    sequencer_ = std::make_unique<outbox::Sequencer>(*pool_);
    feed_ = std::make_unique<outbox::Feed>(*pool_, *sequencer_);
    handlers_ = std::make_unique<LabHandlers>(
        LabHandlers::Deps{.store = *store_, .sights = *sights_, .feed = *feed_, .sealer = sealer_});
    ASSERT_THAT(test_support::Relate(*pool_, patient_.uuid(), kTreating.uuid(),
                                     absl::Now() - absl::Hours(1)),
                IsOk());
  }
  std::string TakeIn(PatientId patient, ResultStatus status = ResultStatus::kFinal,
                     const std::string& order = base::Uuid::V7().ToString()) {
    const IncomingReport incoming{.patient = patient,
                                  .performing_organization = kLaboratory,
                                  .ordering_organization = kOrdering,
                                  .filler_order_number = order,
                                  .code = {.system = "L", .code = "K", .display = "电解质"},
                                  .status = status};
    const auto answer = store_->TakeIn<v1::Report>(test_support::WriteAs(kLaboratory.uuid()),
                                                   incoming, [](const Report& report) {
                                                     v1::Report out;
                                                     out.set_report_id(report.id.ToString());
                                                     return out;
                                                   });
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->report_id() : "";
  }
  std::vector<std::string> Unknown(OrganizationId organization, PatientId patient,
                                   const std::vector<std::string>& reports) {
    v1::CheckReportsRequest request;
    request.set_organization_id(organization.ToString());
    request.set_patient_id(patient.ToString());
    for (const std::string& report : reports) request.add_report_ids(report);
    const test_support::TestCall call(rpc::Caller{.service = "referral"}, request);
    const auto answer = handlers_->Check(call, request);
    EXPECT_THAT(answer, IsOk());
    audited_ = static_cast<int>(call.reads().size());
    if (!answer.ok()) return {"none"};
    return {answer->unknown_report_ids().begin(), answer->unknown_report_ids().end()};
  }

  const PatientId patient_{base::Uuid::V7()};
  StrictDirectory directory_;
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  const CriticalRules rules_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReportStore> store_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<MysqlSharingStore> sharing_;
  std::unique_ptr<Sights> sights_;
  std::unique_ptr<outbox::Sequencer> sequencer_;
  std::unique_ptr<outbox::Feed> feed_;
  std::unique_ptr<LabHandlers> handlers_;
  int audited_ = 0;
};

TEST_F(CheckReportsTest, AReportIsThereForItsPartiesAndForWhoCaresForThePatient) {
  const std::string report = TakeIn(patient_);
  for (const OrganizationId organization : {kLaboratory, kOrdering, kTreating}) {
    EXPECT_THAT(Unknown(organization, patient_, {report}), IsEmpty());
    EXPECT_EQ(audited_, 1);
  }
  EXPECT_THAT(Unknown(kStranger, patient_, {report}), ElementsAre(report));
  EXPECT_EQ(audited_, 0);
}

TEST_F(CheckReportsTest, WhatDoesNotExistIsOfAnotherOrWasWithdrawnLooksTheSame) {
  const std::string report = TakeIn(patient_);
  const std::string none = base::Uuid::V7().ToString();
  const std::string anothers = TakeIn(PatientId(base::Uuid::V7()));
  const std::string withdrawn = TakeIn(patient_, ResultStatus::kFinal, "L-1");
  ASSERT_EQ(TakeIn(patient_, ResultStatus::kWithdrawn, "L-1"), withdrawn);
  EXPECT_THAT(Unknown(kTreating, patient_, {none, report, anothers, withdrawn}),
              ElementsAre(none, anothers, withdrawn));
}

TEST_F(CheckReportsTest, AMergedRecordsReportsAreTheSurvivors) {
  const std::string report = TakeIn(patient_);
  const PatientId merged(base::Uuid::V7());
  ASSERT_THAT(mysql::RunTransaction(
                  *pool_, {.name = "test.Merge", .deadline = absl::Now() + absl::Seconds(20)},
                  [&](mysql::Session& session) {
                    return relationship::RecordMerge(session, {.id = base::Uuid::V7(),
                                                               .survivor = patient_.uuid(),
                                                               .merged = merged.uuid()});
                  }),
              IsOk());
  EXPECT_THAT(Unknown(kTreating, merged, {report}), IsEmpty());
}

}  // namespace
}  // namespace yilian::lab
