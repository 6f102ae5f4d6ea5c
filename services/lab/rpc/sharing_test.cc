// Who sees a sensitive report: in every read, list, trend, cumulative report, critical value and
// event it looks like none to all but its parties and those with a grant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "common/outbox/outbox.h"
#include "services/lab/rpc/sharing_fixture.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr auto kNotFound = absl::StatusCode::kNotFound;

class SharingTest : public SharingFixture {
 protected:
  // What an organization sees of the patient, by every way of looking.
  struct Seen {
    bool read = false;
    bool listed = false;
    bool checked = false;
    std::set<std::string> trend;       // values
    std::set<std::string> analytes;    // LOINC codes
    std::set<std::string> cumulative;  // LOINC codes
  };
  Seen LookAs(const rpc::Caller& caller, const std::string& report, const std::string& loinc) {
    Seen seen;
    v1::GetReportRequest get;
    get.set_report_id(report);
    const auto read = handlers_->Get(TestCall(caller, get), get);
    seen.read = read.ok();
    if (!seen.read) {
      EXPECT_THAT(read, StatusIs(kNotFound, "NOT_FOUND"));
    }
    v1::ListReportsRequest list;
    list.set_patient_id(patient_.ToString());
    const auto reports = handlers_->List(TestCall(caller, list), list);
    for (const auto& one : reports->reports()) {
      if (one.report_id() == report) seen.listed = true;
    }
    v1::CheckReportsRequest check;
    check.set_organization_id(OrganizationId(caller.organization_id).ToString());
    check.set_patient_id(patient_.ToString());
    check.add_report_ids(report);
    const rpc::Caller referral{.service = "referral"};
    seen.checked = handlers_->Check(TestCall(referral, check), check)->unknown_report_ids().empty();
    v1::GetTrendRequest trend;
    trend.set_patient_id(patient_.ToString());
    trend.set_loinc(loinc);
    const auto points = trend_handlers_->Get(TestCall(caller, trend), trend);
    for (const auto& one : points->points()) {
      if (one.report_id() == report) seen.trend.insert(one.value());
    }
    v1::ListTrendsRequest trends;
    trends.set_patient_id(patient_.ToString());
    const auto newest = trend_handlers_->List(TestCall(caller, trends), trends);
    for (const auto& one : newest->newest()) {
      seen.analytes.insert(one.loinc());
    }
    v1::GetCumulativeReportRequest cumulative;
    cumulative.set_patient_id(patient_.ToString());
    const auto table = trend_handlers_->GetCumulative(TestCall(caller, cumulative), cumulative);
    for (const std::string& one : table->loincs()) seen.cumulative.insert(one);
    for (const auto& column : table->columns()) {
      for (const auto& point : column.points()) {
        EXPECT_TRUE(seen.read || point.report_id() != report);
      }
    }
    return seen;
  }
  void ExpectSeen(OrganizationId organization, const std::string& report, const std::string& loinc,
                  const std::string& value = "4.1") {
    const Seen seen = LookAs(Doctor(organization), report, loinc);
    EXPECT_TRUE(seen.read && seen.listed && seen.checked);
    EXPECT_THAT(seen.trend, ElementsAre(value));
    EXPECT_THAT(seen.analytes, Contains(loinc));
    EXPECT_THAT(seen.cumulative, Contains(loinc));
  }
  void ExpectNothing(const rpc::Caller& caller, const std::string& report,
                     const std::string& loinc) {
    const Seen seen = LookAs(caller, report, loinc);
    EXPECT_FALSE(seen.read || seen.listed || seen.checked);
    EXPECT_THAT(seen.trend, IsEmpty());
    EXPECT_THAT(seen.analytes, Not(Contains(loinc)));
    EXPECT_THAT(seen.cumulative, Not(Contains(loinc)));
  }
  void ExpectNothing(OrganizationId organization, const std::string& report,
                     const std::string& loinc) {
    ExpectNothing(Doctor(organization), report, loinc);
  }

  absl::StatusOr<v1::SensitiveCode> Define(const std::string& system, const std::string& code,
                                           v1::SensitiveClass one, const std::string& etag = "") {
    v1::DefineSensitiveCodeRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.mutable_code()->set_code_system(system);
    request.mutable_code()->set_code(code);
    request.mutable_code()->set_sensitive_class(one);
    request.mutable_code()->set_etag(etag);
    return sharing_handlers_->Define(TestCall(Doctor(Org("region")), request), request);
  }
  void RunTimers() {
    clock_.Advance(absl::Seconds(1));
    for (int fired = 1; fired > 0;) {
      const auto ran = timers_->RunDue();
      ASSERT_THAT(ran.status(), IsOk());
      fired = *ran;
    }
  }
  // Organizations that are told of the report, by the newest event of it or of its critical value.
  std::vector<base::Uuid> Audience(const std::string& aggregate_type) {
    std::vector<base::Uuid> audience;
    EXPECT_THAT(sequencer_->RunOnce().status(), IsOk());
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) -> absl::Status {
                                 auto events = outbox::ReadAfter(session, 0, 1000);
                                 if (!events.ok()) return events.status();
                                 for (const outbox::StoredEvent& event : *events) {
                                   if (event.aggregate_type == aggregate_type) {
                                     audience = event.audience;
                                   }
                                 }
                                 return absl::OkStatus();
                               }),
                IsOk());
    return audience;
  }
};

TEST_F(SharingTest, AnOrdinaryReportIsForItsPartiesAndForWhoCaresForThePatient) {
  const std::string report = TakeIn({});
  for (const OrganizationId organization : {kLaboratory, kOrdering, kTreating}) {
    ExpectSeen(organization, report, kPotassium);
  }
  ExpectNothing(kStranger, report, kPotassium);
}

TEST_F(SharingTest, ASensitiveReportLooksLikeNoneWithAllThatStandsInIt) {
  const std::string report = TakeIn({.loincs = {kPotassium, kHivAntibody}});
  for (const std::string loinc : {kPotassium, kHivAntibody}) {
    for (const OrganizationId party : {kLaboratory, kOrdering}) ExpectSeen(party, report, loinc);
    ExpectNothing(kTreating, report, loinc);
    ExpectNothing(kStranger, report, loinc);
  }
  // What stands in another report is seen still.
  const std::string ordinary = TakeIn({.value = "4.2"});
  ExpectSeen(kTreating, ordinary, kPotassium, "4.2");
}

TEST_F(SharingTest, AGrantOpensItsClassesForItsTimeAndNoOthers) {
  const std::string hiv = TakeIn({.loincs = {kHivAntibody}});
  const std::string both = TakeIn({.loincs = {kHivAntibody, kLithium}, .value = "0.6"});
  const auto grant = Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_HIV}, absl::Hours(1));
  ASSERT_THAT(grant, IsOk());
  ExpectSeen(kTreating, hiv, kHivAntibody);
  ExpectNothing(kTreating, both, kLithium);
  ASSERT_THAT(Grant(kLaboratory, kTreating, {v1::SENSITIVE_CLASS_PSYCHIATRIC}, absl::Hours(2)),
              IsOk());
  ExpectSeen(kTreating, both, kLithium, "0.6");
  clock_.Advance(absl::Hours(1));
  ExpectNothing(kTreating, hiv, kHivAntibody);
  ExpectNothing(kTreating, both, kLithium);
}

TEST_F(SharingTest, AGrantThatWasTakenBackOpensNothingAndIsTheGrantersAlone) {
  const std::string report = TakeIn({.loincs = {kHivAntibody}});
  const auto grant = Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_HIV});
  ASSERT_THAT(grant, IsOk());
  v1::RevokeSensitiveAccessRequest revoke;
  revoke.set_grant_id(grant->grant_id());
  revoke.set_request_id(base::Uuid::V7().ToString());
  for (const OrganizationId other : {kTreating, kLaboratory, kStranger}) {
    EXPECT_THAT(sharing_handlers_->Revoke(TestCall(Doctor(other), revoke), revoke),
                StatusIs(kNotFound, "GRANT_NOT_FOUND"));
  }
  ExpectSeen(kTreating, report, kHivAntibody);
  ASSERT_THAT(sharing_handlers_->Revoke(TestCall(Doctor(kOrdering), revoke), revoke), IsOk());
  ExpectNothing(kTreating, report, kHivAntibody);
  v1::ListSensitiveGrantsRequest list;
  list.set_patient_id(patient_.ToString());
  const auto seen = [&](OrganizationId organization) {
    return sharing_handlers_->ListGrants(TestCall(Doctor(organization), list), list)->grants_size();
  };
  EXPECT_EQ(seen(kOrdering), 1);
  EXPECT_EQ(seen(kTreating), 1);
  EXPECT_EQ(seen(kLaboratory), 0);
}

TEST_F(SharingTest, AGrantWithoutACareRelationshipOpensNothing) {
  const std::string report = TakeIn({.loincs = {kHivAntibody}});
  ASSERT_THAT(Grant(kOrdering, kStranger, {v1::SENSITIVE_CLASS_HIV}), IsOk());
  ExpectNothing(kStranger, report, kHivAntibody);
}

TEST_F(SharingTest, WhoIsNoPartyCannotGrantNorLearnByTryingWhatThereIs) {
  const auto before = Grant(kTreating, kStranger, {v1::SENSITIVE_CLASS_HIV});
  EXPECT_THAT(before, StatusIs(kNotFound, "NOT_FOUND"));
  TakeIn({.loincs = {kHivAntibody}});
  const auto after = Grant(kTreating, kStranger, {v1::SENSITIVE_CLASS_HIV});
  EXPECT_EQ(after.status(), before.status());
  // A party of one class grants that one only.
  EXPECT_THAT(
      Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_HIV, v1::SENSITIVE_CLASS_PSYCHIATRIC}),
      StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(SharingTest, AnEmergencyAccessIsNoGrant) {
  const std::string ordinary = TakeIn({});
  const std::string report = TakeIn({.loincs = {kHivAntibody}});
  const rpc::Caller doctor = Doctor(kStranger);
  ASSERT_THAT(mysql::RunTransaction(
                  *pool_, {.name = "test.BreakGlass", .deadline = Deadline()},
                  [&](mysql::Session& session) {
                    return session
                        .Execute(
                            {"test.BreakGlass",
                             "INSERT INTO relationship_broken_glass (data_subject_id, user_id, "
                             "broken_glass_id, organization_id, ends_at) VALUES (?, ?, ?, ?, ?)"},
                            patient_, doctor.user_id, base::Uuid::V7(), kStranger,
                            clock_.Now() + absl::Hours(1))
                        .status();
                  }),
              IsOk());
  const Seen seen = LookAs(doctor, ordinary, kPotassium);
  EXPECT_TRUE(seen.read && seen.listed);
  const Seen hidden = LookAs(doctor, report, kHivAntibody);
  EXPECT_FALSE(hidden.read || hidden.listed);
  EXPECT_THAT(hidden.trend, IsEmpty());
}

TEST_F(SharingTest, EventsGoToWhomTheReportMayBeShown) {
  TakeIn({});
  EXPECT_THAT(Audience("report"),
              UnorderedElementsAre(kLaboratory.uuid(), kOrdering.uuid(), kTreating.uuid()));
  TakeIn({.loincs = {kHivAntibody}});
  EXPECT_THAT(Audience("report"), UnorderedElementsAre(kLaboratory.uuid(), kOrdering.uuid()));
  ASSERT_THAT(Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_HIV}), IsOk());
  TakeIn({.loincs = {kHivAntibody}});
  EXPECT_THAT(Audience("report"),
              UnorderedElementsAre(kLaboratory.uuid(), kOrdering.uuid(), kTreating.uuid()));
}

TEST_F(SharingTest, ACriticalValueOfASensitiveReportLooksLikeNoneAndEscalatesToWhoMaySeeIt) {
  TakeIn({.loincs = {kLithium}, .value = "3.1"});
  v1::ListCriticalValuesRequest list;
  list.set_worklist(v1::CRITICAL_WORKLIST_TO_READ_BACK);
  const auto waiting =
      critical_handlers_->List(TestCall(Doctor(kOrdering), list), list)->critical_values();
  ASSERT_EQ(waiting.size(), 1);
  v1::GetCriticalValueRequest get;
  get.set_critical_value_id(waiting[0].critical_value_id());
  const auto read = [&](OrganizationId organization) {
    return critical_handlers_->Get(TestCall(Doctor(organization), get), get);
  };
  EXPECT_THAT(read(kOrdering), IsOk());
  EXPECT_THAT(read(kTreating), StatusIs(kNotFound, "NOT_FOUND"));
  v1::ReadBackCriticalValueRequest back;
  back.set_request_id(base::Uuid::V7().ToString());
  back.set_critical_value_id(get.critical_value_id());
  back.set_value("3.1");
  EXPECT_THAT(critical_handlers_->ReadBack(TestCall(Doctor(kTreating), back), back),
              StatusIs(kNotFound, "NOT_FOUND"));
  clock_.Advance(absl::Minutes(11));
  RunTimers();
  EXPECT_THAT(Audience("critical_value"),
              UnorderedElementsAre(kLaboratory.uuid(), kOrdering.uuid()));
  ASSERT_THAT(Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_PSYCHIATRIC}), IsOk());
  EXPECT_THAT(read(kTreating), IsOk());
  clock_.Advance(absl::Minutes(20));
  RunTimers();
  EXPECT_THAT(Audience("critical_value"), Contains(kTreating.uuid()));
}

TEST_F(SharingTest, NoReportShowsAnothersSensitiveValueAsItsPriorOne) {
  TakeIn({.loincs = {kLithium}, .value = "0.4"});
  clock_.Advance(absl::Hours(1));
  const std::string elsewhere = TakeIn(
      {.loincs = {kLithium}, .value = "1.4", .laboratory = kStranger, .ordering = kStranger});
  v1::GetReportRequest get;
  get.set_report_id(elsewhere);
  const auto read = handlers_->Get(TestCall(Doctor(kStranger), get), get);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->observations(0).prior_value(), "");
  EXPECT_EQ(read->observations(0).delta(), v1::DELTA_CHECK_UNSPECIFIED);
  clock_.Advance(absl::Hours(1));
  // Of parties of both it does.
  const std::string here = TakeIn({.loincs = {kLithium}, .value = "1.2"});
  get.set_report_id(here);
  EXPECT_EQ(handlers_->Get(TestCall(Doctor(kOrdering), get), get)->observations(0).prior_value(),
            "0.4 mmol/L");
}

TEST_F(SharingTest, OnceOfAClassAlwaysOfItAlsoWhenAVersionDoesNotSaySoAnyMore) {
  const std::string report = TakeIn({.loincs = {kPotassium, kHivAntibody}, .order = "L-1"});
  ASSERT_EQ(TakeIn({.loincs = {kPotassium}, .order = "L-1", .value = "4.4"}), report);
  ExpectNothing(kTreating, report, kPotassium);
  ExpectSeen(kOrdering, report, kPotassium, "4.4");
}

TEST_F(SharingTest, AVersionThatIsKeptAsideMarksTheReportToo) {
  const std::string report = TakeIn({.order = "L-1"});
  ExpectSeen(kTreating, report, kPotassium);
  ASSERT_EQ(TakeIn({.loincs = {kPotassium, kHivAntibody},
                    .order = "L-1",
                    .status = ResultStatus::kPreliminary}),
            report);
  ExpectNothing(kTreating, report, kPotassium);
}

TEST_F(SharingTest, AnOrderedSectionMakesTheWholeReportSensitive) {
  ASSERT_THAT(Define("L", "GENE", v1::SENSITIVE_CLASS_GENETIC), IsOk());
  const std::string report = TakeIn({.ordered = "GENE"});
  ExpectNothing(kTreating, report, kPotassium);
  ExpectSeen(kOrdering, report, kPotassium);
}

TEST_F(SharingTest, StoredReportsFollowACodesClassThereAndBack) {
  const std::string report = TakeIn({});
  const std::string other = TakeIn({.loincs = {"2951-2"}, .value = "140"});
  auto code = Define("LN", kPotassium, v1::SENSITIVE_CLASS_REPRODUCTIVE);
  ASSERT_THAT(code, IsOk());
  RunTimers();
  ExpectNothing(kTreating, report, kPotassium);
  ExpectSeen(kTreating, other, "2951-2", "140");
  v1::ListSensitiveCodesRequest list;
  const auto listed = sharing_handlers_->List(TestCall(Doctor(kLaboratory), list), list);
  ASSERT_THAT(listed, IsOk());
  for (const auto& one : listed->codes()) {
    if (one.code() != kPotassium) continue;
    EXPECT_EQ(one.run().changed(), 1);
    EXPECT_TRUE(one.run().has_finished_at());
  }
  EXPECT_THAT(Define("LN", kPotassium, v1::SENSITIVE_CLASS_UNSPECIFIED),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  ASSERT_THAT(Define("LN", kPotassium, v1::SENSITIVE_CLASS_UNSPECIFIED, code->etag()), IsOk());
  RunTimers();
  ExpectSeen(kTreating, report, kPotassium);
}

// Reports and the change of a class at one moment: whatever comes first, none is left open.
TEST_F(SharingTest, NoReportSlipsBetweenAChangeAndItsWalk) {
  std::vector<std::string> ids(24);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = static_cast<size_t>(t); i < ids.size(); i += 4) ids[i] = TakeIn({});
    });
  }
  absl::StatusOr<v1::SensitiveCode> code = absl::UnknownError("not asked");
  threads.emplace_back([&] { code = Define("LN", kPotassium, v1::SENSITIVE_CLASS_SUBSTANCE); });
  for (std::thread& thread : threads) thread.join();
  ASSERT_THAT(code, IsOk());
  RunTimers();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM report WHERE sensitivity = 0"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM trend_point WHERE sensitivity = 0"), 0);
}

TEST_F(SharingTest, AGrantMovesToTheSurvivorWithTheReports) {
  const std::string report = TakeIn({.loincs = {kHivAntibody}});
  ASSERT_THAT(Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_HIV}), IsOk());
  const PatientId survivor(base::Uuid::V7());
  MergeInto(survivor);
  ASSERT_THAT(test_support::Relate(*pool_, survivor.uuid(), kTreating.uuid(),
                                   clock_.Now() - absl::Hours(1)),
              IsOk());
  v1::GetReportRequest get;
  get.set_report_id(report);
  const auto read = handlers_->Get(TestCall(Doctor(kTreating), get), get);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->patient_id(), survivor.ToString());
  EXPECT_THAT(read->sensitive_classes(), ElementsAre(v1::SENSITIVE_CLASS_HIV));
}

}  // namespace
}  // namespace yilian::lab
