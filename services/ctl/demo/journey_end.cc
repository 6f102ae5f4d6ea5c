// The second half of the journey: back to the community, and what everybody saw.
#include <fmt/format.h>

#include <map>
#include <set>

#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "services/ctl/demo/catalogue.h"
#include "services/ctl/demo/journey.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian/lab/v1/lab.grpc.pb.h"
#include "yilian/referral/v1/referral.grpc.pb.h"
#include "yilian/referral/v1/statistics.grpc.pb.h"

namespace yilian::ctl::demo {
namespace {

using directory::v1::DirectoryService;
using lab::v1::LabService;
using referral::v1::ReferralService;

// How long the region waits for what follows the events, and how often it looks.
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kPause = absl::Milliseconds(100);

absl::Status Expected(bool holds, std::string_view what) {
  return holds ? absl::OkStatus() : absl::FailedPreconditionError(fmt::format("expected {}", what));
}

// A row of others looks like no row.
template <typename Response>
absl::Status ExpectHidden(const absl::StatusOr<Response>& answer, std::string_view what) {
  const bool hidden = absl::IsNotFound(answer.status());
  return Expected(hidden, fmt::format("NOT_FOUND for a stranger who asks for {}", what));
}

referral::v1::MoveReferralRequest Move(const referral::v1::Referral& referral) {
  referral::v1::MoveReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral.referral_id());
  request.set_etag(referral.etag());
  return request;
}

std::string DayAhead(int days) {
  return absl::FormatTime("%F", absl::Now() + absl::Hours(24 * days),
                          absl::FixedTimeZone(8 * 3600));
}

// What the township must have seen, in this order.
const std::vector<std::string> kReferralStory = {
    "ReferralCreated",   "ReferralSubmitted", "ReferralAccepted",
    "ReferralSlotHeld",  "ReferralScheduled", "ReferralArrived",
    "ReferralCareBegun", "ReferralCompleted", "ReferralRated"};
const std::vector<std::string> kConsultationStory = {"ConsultationRequested", "ConsultationClaimed",
                                                     "OpinionSigned", "OpinionAcknowledged"};

absl::Status ExpectStory(const Following& events, const std::string& aggregate,
                         const std::vector<std::string>& story) {
  std::vector<std::string> told;
  std::set<std::string> ids;
  int64_t last = 0;
  for (const event::v1::Event& event : events.Seen()) {
    RETURN_IF_ERROR(Expected(event.position() > last, "positions that grow"));
    last = event.position();
    RETURN_IF_ERROR(Expected(ids.insert(event.event_id()).second, "no event twice"));
    if (event.aggregate_id() == aggregate) told.push_back(event.type());
  }
  return Expected(told == story,
                  fmt::format("{}, got {}", fmt::join(story, " "), fmt::join(told, " ")));
}

}  // namespace

absl::Status Journey::ReferDown() {
  referral::v1::Referral referral;
  RETURN_IF_ERROR(Step(
      "hospital", "admits, treats and discharges; refers down with dated follow-ups",
      [&]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(referral, ReadReferral(*coordinator_, referral_id_));
        ASSIGN_OR_RETURN(referral,
                         coordinator_->Call<ReferralService>(
                             "referral", &ReferralService::Stub::ArriveReferral, Move(referral)));
        ASSIGN_OR_RETURN(
            referral, expert_->Call<ReferralService>("referral", &ReferralService::Stub::BeginCare,
                                                     Move(referral)));
        referral::v1::CompleteReferralRequest complete;
        complete.set_request_id(NewId());
        complete.set_referral_id(referral_id_);
        complete.set_etag(referral.etag());
        complete.set_outcome_letter("血钾已纠正，冠脉造影示前降支狭窄，已行支架植入。");
        auto* down = complete.mutable_down_referral();
        down->set_receiving_organization_id(DemoId("organization", "heping").ToString());
        down->mutable_care_plan()->set_discharge_summary("急性冠脉综合征，支架术后，病情平稳。");
        down->mutable_care_plan()->set_medication("阿司匹林 100mg qd；氯吡格雷 75mg qd");
        for (const auto& [days, what] : {std::pair(3, "复查血钾"), std::pair(7, "首次随访")}) {
          auto* task = down->mutable_care_plan()->add_tasks();
          task->set_instruction(what);
          task->set_due_date(DayAhead(days));
        }
        ASSIGN_OR_RETURN(const referral::v1::CompleteReferralResponse completed,
                         expert_->Call<ReferralService>(
                             "referral", &ReferralService::Stub::CompleteReferral, complete));
        down_referral_id_ = completed.down_referral().referral_id();
        return fmt::format("follow-ups due {} and {}", DayAhead(3), DayAhead(7));
      }));
  RETURN_IF_ERROR(Step(
      "community centre", "acknowledges the down-referral and records the first follow-up",
      [&]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(referral, ReadReferral(*family_, down_referral_id_));
        referral::v1::AcceptReferralRequest accept;
        accept.set_request_id(NewId());
        accept.set_referral_id(down_referral_id_);
        accept.set_etag(referral.etag());
        ASSIGN_OR_RETURN(referral, family_->Call<ReferralService>(
                                       "referral", &ReferralService::Stub::AcceptReferral, accept));
        referral::v1::RecordFollowUpRequest record;
        record.set_request_id(NewId());
        record.set_referral_id(down_referral_id_);
        record.set_etag(referral.etag());
        record.set_task_id(referral.care_plan().tasks(0).task_id());
        record.set_result("血钾 4.2 mmol/L");
        ASSIGN_OR_RETURN(referral, family_->Call<ReferralService>(
                                       "referral", &ReferralService::Stub::RecordFollowUp, record));
        return "血钾 4.2 mmol/L";
      }));
  return Step("township doctor", "reads the outcome letter and rates",
              [&]() -> absl::StatusOr<std::string> {
                ASSIGN_OR_RETURN(referral, ReadReferral(*doctor_, referral_id_));
                RETURN_IF_ERROR(Expected(!referral.outcome_letter().empty(), "an outcome letter"));
                referral::v1::RateReferralRequest rate;
                rate.set_request_id(NewId());
                rate.set_referral_id(referral_id_);
                rate.set_score(5);
                ASSIGN_OR_RETURN(referral,
                                 doctor_->Call<ReferralService>(
                                     "referral", &ReferralService::Stub::RateReferral, rate));
                return "5 of 5";
              });
}

absl::Status Journey::CheckStream() {
  return Step(
      "township's event stream", "has shown all of it, in order, nothing twice",
      [&]() -> absl::StatusOr<std::string> {
        const auto last = [](const std::string& id, const std::string& type) {
          return [id, type](const event::v1::Event& e) {
            return e.aggregate_id() == id && e.type() == type;
          };
        };
        RETURN_IF_ERROR(
            referral_events_->Await("ReferralRated", last(referral_id_, "ReferralRated")).status());
        RETURN_IF_ERROR(
            consultation_events_
                ->Await("OpinionAcknowledged", last(consultation_id_, "OpinionAcknowledged"))
                .status());
        RETURN_IF_ERROR(
            lab_events_->Await("ReportIssued", last(report_id_, "ReportIssued")).status());
        RETURN_IF_ERROR(ExpectStory(*referral_events_, referral_id_, kReferralStory));
        RETURN_IF_ERROR(ExpectStory(*consultation_events_, consultation_id_, kConsultationStory));
        RETURN_IF_ERROR(ExpectStory(*lab_events_, report_id_, {"ReportIssued"}));
        return fmt::format("{} events", kReferralStory.size() + kConsultationStory.size() + 1);
      });
}

absl::Status Journey::CheckRates() {
  return Step("region", "reads the three rates", [&]() -> absl::StatusOr<std::string> {
    referral::v1::GetStatisticsRequest request;
    request.set_organization_id(DemoId("organization", "first").ToString());
    request.set_grain(referral::v1::GRAIN_DAY);
    request.set_first_day(DayAhead(-1));
    request.set_last_day(DayAhead(0));
    // The counts follow the events; the rating of a moment ago may not have been counted yet.
    const absl::Time until = absl::Now() + kPatience;
    for (;;) {
      ASSIGN_OR_RETURN(
          const referral::v1::GetStatisticsResponse statistics,
          Person::Operator(region_).Call<referral::v1::ReferralStatisticsService>(
              "referral", &referral::v1::ReferralStatisticsService::Stub::GetStatistics, request));
      const referral::v1::ReferralCounts& counts = statistics.total().counts();
      const bool shown = counts.received() > 0 && counts.answered_in_time() > 0 &&
                         counts.completed_in_time() > 0 && counts.satisfied() > 0;
      if (!shown && absl::Now() < until) {
        absl::SleepFor(kPause);
        continue;
      }
      RETURN_IF_ERROR(Expected(shown, "all three rates to show the journey"));
      return fmt::format("answered in time {}/{}, completed in time {}/{}, satisfied {}/{}",
                         counts.answered_in_time(), counts.received(), counts.completed_in_time(),
                         counts.received(), counts.satisfied(), counts.rated());
    }
  });
}

absl::Status Journey::CheckStranger() {
  return Step(
      "a hospital that is no party", "sees none of it", [&]() -> absl::StatusOr<std::string> {
        RETURN_IF_ERROR(ExpectHidden(ReadReferral(*stranger_, referral_id_), "the referral"));
        lab::v1::GetReportRequest report;
        report.set_report_id(report_id_);
        RETURN_IF_ERROR(
            ExpectHidden(stranger_->Call<LabService>("lab", &LabService::Stub::GetReport, report),
                         "the report"));
        directory::v1::GetPatientRequest patient;
        patient.set_patient_id(patient_id_);
        RETURN_IF_ERROR(ExpectHidden(stranger_->Call<DirectoryService>(
                                         "directory", &DirectoryService::Stub::GetPatient, patient),
                                     "the patient"));
        lab::v1::ListReportsRequest list;
        list.set_patient_id(patient_id_);
        ASSIGN_OR_RETURN(const lab::v1::ListReportsResponse reports,
                         stranger_->Call<LabService>("lab", &LabService::Stub::ListReports, list));
        RETURN_IF_ERROR(
            Expected(reports.reports().empty(), "an empty list of reports for a stranger"));
        return "referral, report and patient are NOT_FOUND, the list is empty";
      });
}

absl::Status Journey::CheckAudit() {
  return Step("auditor", "verifies the audit chains", [&]() -> absl::StatusOr<std::string> {
    int64_t records = 0;
    for (const std::string& service : ServiceNames()) {
      ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region_.Audit(service));
      RETURN_IF_ERROR(mysql::RunRead(
          *pool, absl::Now() + absl::Minutes(5), [&](mysql::Session& session) -> absl::Status {
            ASSIGN_OR_RETURN(const audit::Verification found, audit::Verify(session));
            RETURN_IF_ERROR(
                Expected(found.fault.empty(), service + "'s chain to be whole: " + found.fault));
            records += found.records + found.unlinked;
            return absl::OkStatus();
          }));
    }
    return fmt::format("{} records in {} chains", records, ServiceNames().size());
  });
}

}  // namespace yilian::ctl::demo
