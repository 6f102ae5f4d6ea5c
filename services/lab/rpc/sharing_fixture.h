// Reports of one patient, their readers and the handlers that show them; for tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "common/wire/timestamp.h"
#include "services/lab/jobs/jobs.h"
#include "services/lab/rpc/critical_handlers.h"
#include "services/lab/rpc/handlers.h"
#include "services/lab/rpc/sharing_handlers.h"
#include "services/lab/rpc/strict_directory.h"
#include "services/lab/rpc/trend_handlers.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_report_store.h"
#include "services/lab/store/mysql_sharing_store.h"
#include "services/lab/store/mysql_trend_store.h"
#include "tests/support/merge_event.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::lab {

inline OrganizationId Org(std::string_view name) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), name));
}
inline const OrganizationId kLaboratory = Org("laboratory");
inline const OrganizationId kOrdering = Org("ordering hospital");
inline const OrganizationId kTreating = Org("treating township");
inline const OrganizationId kStranger = Org("stranger");

inline constexpr char kPotassium[] = "2823-3";
inline constexpr char kHivAntibody[] = "7918-6";  // of the first codes of a new schema
inline constexpr char kLithium[] = "14334-7";

class SharingFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(LabMigrations())));
    ASSERT_THAT(opened, status::IsOk());
    pool_ = *std::move(opened);
    sequencer_ = std::make_unique<outbox::Sequencer>(*pool_);
    feed_ = std::make_unique<outbox::Feed>(*pool_, *sequencer_);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, sequencer_.get(), clock_, "yilian.lab");
    reports_ = std::make_unique<MysqlReportStore>(*unit_, rules_);
    critical_ = std::make_unique<MysqlCriticalStore>(*unit_, rules_);
    trends_ = std::make_unique<MysqlTrendStore>(*pool_);
    sharing_ = std::make_unique<MysqlSharingStore>(*unit_);
    relationships_ = std::make_unique<relationship::Check>(*pool_, directory_.NewChannel(), clock_);
    sights_ = std::make_unique<Sights>(*relationships_, *sharing_);
    handlers_ = std::make_unique<LabHandlers>(LabHandlers::Deps{
        .store = *reports_, .sights = *sights_, .feed = *feed_, .sealer = sealer_});
    trend_handlers_ = std::make_unique<TrendHandlers>(
        TrendHandlers::Deps{.store = *trends_, .sights = *sights_, .sealer = sealer_});
    critical_handlers_ = std::make_unique<CriticalHandlers>(CriticalHandlers::Deps{
        .store = *critical_, .sights = *sights_, .sealer = sealer_, .rules = rules_});
    sharing_handlers_ = std::make_unique<SharingHandlers>(*sharing_, sealer_);
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    DefineTimers(*timers_, *critical_, rules_, clock_);
    ASSERT_THAT(test_support::Relate(*pool_, patient_.uuid(), kTreating.uuid(),
                                     clock_.Now() - absl::Hours(1)),
                status::IsOk());
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }
  static rpc::Caller Doctor(OrganizationId organization, std::string_view name = "doctor") {
    return {.user_id = base::Uuid::V5(organization.uuid(), name),
            .practitioner_id = base::Uuid::V5(organization.uuid(), "practitioner"),
            .organization_id = organization.uuid(),
            .roles = {policy::v1::ROLE_HOSPITAL_DOCTOR}};
  }

  struct Sent {
    std::vector<std::string> loincs = {kPotassium};
    std::string order = base::Uuid::V7().ToString();
    std::string value = "4.1";
    ResultStatus status = ResultStatus::kFinal;
    OrganizationId laboratory = kLaboratory;
    OrganizationId ordering = kOrdering;
    PatientId patient{};  // nil: the fixture's
    std::string ordered = "E";
    std::string observed_at{};
    std::string method = "ISE";
    std::vector<std::string> flags{};
  };
  // The report's id.
  std::string TakeIn(const Sent& sent) {
    IncomingReport incoming{.patient = sent.patient.is_nil() ? patient_ : sent.patient,
                            .performing_organization = sent.laboratory,
                            .ordering_organization = sent.ordering,
                            .filler_order_number = sent.order,
                            .code = {.system = "L", .code = sent.ordered, .display = "化验"},
                            .status = sent.status};
    for (const std::string& loinc : sent.loincs) {
      incoming.observations.push_back({.code = {.system = "LN", .code = loinc, .display = loinc},
                                       .value_type = ValueType::kNumeric,
                                       .value = sent.value,
                                       .unit = "mmol/L",
                                       .abnormal_flags = sent.flags,
                                       .status = sent.status,
                                       .observed_at_text = sent.observed_at,
                                       .method = sent.method});
    }
    const auto answer = reports_->TakeIn<v1::Report>(test_support::WriteAs(sent.laboratory.uuid()),
                                                     incoming, [](const Report& report) {
                                                       v1::Report out;
                                                       out.set_report_id(report.id.ToString());
                                                       return out;
                                                     });
    EXPECT_THAT(answer, status::IsOk());
    return answer.ok() ? answer->report_id() : "";
  }

  absl::StatusOr<v1::SensitiveGrant> Grant(OrganizationId by, OrganizationId to,
                                           const std::vector<v1::SensitiveClass>& classes,
                                           absl::Duration lasts = absl::Hours(24)) {
    v1::GrantSensitiveAccessRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_patient_id(patient_.ToString());
    request.set_reader_organization_id(to.ToString());
    for (const v1::SensitiveClass one : classes) request.add_sensitive_classes(one);
    wire::SetTime(request.mutable_ends_at(), clock_.Now() + lasts);
    return sharing_handlers_->Grant(test_support::TestCall(Doctor(by), request), request);
  }

  // The patient's record is merged into another one, as the directory tells it.
  void MergeInto(PatientId survivor) {
    const event::v1::Event event = test_support::MergeEvent(survivor.uuid(), patient_.uuid());
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return ApplyDirectoryEvent(session, event, *reports_);
                                      }),
                status::IsOk());
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
                status::IsOk());
    return count;
  }

  base::FakeClock clock_{absl::Now()};
  const CriticalRules rules_{.limits = {{.loinc = kLithium, .units = {"mmol/L"}, .above = "2.0"}},
                             .deltas = {{.loinc = kLithium, .unit = "mmol/L", .absolute = "0.5"}}};
  const PatientId patient_{base::Uuid::V7()};
  StrictDirectory directory_;
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<outbox::Sequencer> sequencer_;
  std::unique_ptr<outbox::Feed> feed_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReportStore> reports_;
  std::unique_ptr<MysqlCriticalStore> critical_;
  std::unique_ptr<MysqlTrendStore> trends_;
  std::unique_ptr<MysqlSharingStore> sharing_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<Sights> sights_;
  std::unique_ptr<LabHandlers> handlers_;
  std::unique_ptr<TrendHandlers> trend_handlers_;
  std::unique_ptr<CriticalHandlers> critical_handlers_;
  std::unique_ptr<SharingHandlers> sharing_handlers_;
  std::unique_ptr<saga::TimerRunner> timers_;
};

}  // namespace yilian::lab
