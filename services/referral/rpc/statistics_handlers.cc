#include "services/referral/rpc/statistics_handlers.h"

#include <algorithm>
#include <map>
#include <string>

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

// More than a year of days, more than thirty years of months.
constexpr int kMostPeriods = 400;

void SetCounts(const Counts& counts, v1::ReferralCounts* out) {
  out->set_received(counts[Measure::kReceived]);
  out->set_answered_in_time(counts[Measure::kAnsweredInTime]);
  out->set_answered(counts[Measure::kAnswered]);
  out->set_completed_in_time(counts[Measure::kCompletedInTime]);
  out->set_completed(counts[Measure::kCompleted]);
  out->set_rated(counts[Measure::kRated]);
  out->set_satisfied(counts[Measure::kSatisfied]);
  out->set_rejected(counts[Measure::kRejected]);
  out->set_returned(counts[Measure::kReturned]);
  out->set_slots_not_found(counts[Measure::kSlotsNotFound]);
  out->set_responses_owed(counts[Measure::kResponsesOwed]);
  out->set_patient_rated(counts[Measure::kPatientRated]);
  out->set_patient_score(counts[Measure::kPatientScore]);
  out->set_contacted(counts[Measure::kContacted]);
  out->set_contact_reached(counts[Measure::kContactReached]);
}

Buckets BucketsOf(const PeriodStatistics& statistics, BucketKind kind) {
  const auto found = statistics.buckets.find(kind);
  return found == statistics.buckets.end() ? Buckets() : found->second;
}

void SetDuration(google::protobuf::Duration* out, absl::Duration time) {
  out->set_seconds(absl::ToInt64Seconds(time));
}

void SetResponseTimes(const PeriodStatistics& statistics, v1::ResponseTimes* out) {
  const Buckets buckets = BucketsOf(statistics, BucketKind::kResponseTime);
  for (const auto& [bucket, times] : buckets) out->set_answered(out->answered() + times);
  if (const auto median = Quantile(buckets, 0.5)) SetDuration(out->mutable_median(), *median);
  if (const auto ninety = Quantile(buckets, 0.9)) {
    SetDuration(out->mutable_percentile_90(), *ninety);
  }
}

void SetReasons(const PeriodStatistics& statistics,
                google::protobuf::RepeatedPtrField<v1::ReasonCount>* out) {
  std::map<int, v1::ReasonCount> reasons;
  for (const auto& [reason, times] : BucketsOf(statistics, BucketKind::kRejectedFor)) {
    if (times != 0) reasons[reason].set_rejected(times);
  }
  for (const auto& [reason, times] : BucketsOf(statistics, BucketKind::kReturnedFor)) {
    if (times != 0) reasons[reason].set_returned(times);
  }
  for (auto& [reason, count] : reasons) {
    count.set_reason(static_cast<v1::ReasonCode>(reason));
    *out->Add() = count;
  }
  std::stable_sort(out->begin(), out->end(),
                   [](const v1::ReasonCount& a, const v1::ReasonCount& b) {
                     return a.rejected() + a.returned() > b.rejected() + b.returned();
                   });
}

void SetStatistics(absl::CivilDay first, const PeriodStatistics& statistics,
                   v1::ReferralStatistics* out) {
  out->set_first_day(absl::FormatCivilTime(first));
  SetCounts(statistics.counts, out->mutable_counts());
  SetReasons(statistics, out->mutable_reasons());
  SetResponseTimes(statistics, out->mutable_response_times());
}

absl::StatusOr<absl::CivilDay> DayOf(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    return absl::InternalError("a date passed its rule and does not parse");
  }
  return day;
}

absl::StatusOr<StatisticsQuery> QueryOf(const v1::GetStatisticsRequest& request) {
  StatisticsQuery query;
  ASSIGN_OR_RETURN(query.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(query.department, wire::OptionalId<DepartmentId>(request.department_id()));
  query.grain = static_cast<Grain>(request.grain());
  ASSIGN_OR_RETURN(query.first, DayOf(request.first_day()));
  ASSIGN_OR_RETURN(query.last, DayOf(request.last_day()));
  errors::Violations violations;
  const bool by_month = query.grain == Grain::kMonth;
  if (by_month && query.first.day() != 1) {
    violations.emplace_back("first_day", "is the first of a month where months are asked for");
  }
  const int64_t periods = by_month ? absl::CivilMonth(query.last) - absl::CivilMonth(query.first)
                                   : query.last - query.first;
  if (query.last < query.first) {
    violations.emplace_back("last_day", "is not before first_day");
  } else if (periods >= kMostPeriods) {
    violations.emplace_back("last_day", "is at most 400 periods after first_day");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  return query;
}

constexpr std::string_view kReferralsStep = "referrals:";
constexpr std::string_view kOrganizationsStep = "organizations:";

std::string StepText(const RebuildPlace& place) {
  const bool referrals = place.part == RebuildPart::kReferrals;
  return std::string(referrals ? kReferralsStep : kOrganizationsStep) + place.after.ToString();
}

absl::StatusOr<RebuildPlace> PlaceFrom(std::string_view step) {
  RebuildPlace place;
  if (step.empty()) return place;
  std::string_view prefix = kReferralsStep;
  if (!step.starts_with(prefix)) {
    place.part = RebuildPart::kOrganizations;
    prefix = kOrganizationsStep;
  }
  const absl::StatusOr<base::Uuid> after = step.starts_with(prefix)
                                               ? base::Uuid::Parse(step.substr(prefix.size()))
                                               : absl::InvalidArgumentError("neither");
  if (!after.ok()) {
    return errors::FieldInvalid({{"step", "is the next_step of the step before, or empty"}});
  }
  place.after = *after;
  return place;
}

}  // namespace

rpc::Dispatch Bind(StatisticsHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.referral.v1.ReferralStatisticsService");
  dispatch.Unary("GetStatistics", &handlers, &StatisticsHandlers::GetStatistics)
      .Unary("RankOrganizations", &handlers, &StatisticsHandlers::RankOrganizations)
      .Unary("RebuildStatistics", &handlers, &StatisticsHandlers::RebuildStatistics);
  return dispatch;
}

absl::StatusOr<v1::GetStatisticsResponse> StatisticsHandlers::GetStatistics(
    const rpc::Call& call, const v1::GetStatisticsRequest& request) {
  ASSIGN_OR_RETURN(const StatisticsQuery query, QueryOf(request));
  const rpc::Caller& caller = call.caller();
  const bool region =
      caller.HasRole(policy::v1::ROLE_REGIONAL_ADMINISTRATOR) || caller.is_service();
  if (!region && query.organization.uuid() != caller.organization_id) return errors::NotFound();
  ASSIGN_OR_RETURN(const auto periods, store_.Periods(query, call.deadline()));
  v1::GetStatisticsResponse response;
  PeriodStatistics total;
  for (const auto& [first, statistics] : periods) {
    SetStatistics(first, statistics, response.add_periods());
    total.Add(statistics);
  }
  SetStatistics(query.first, total, response.mutable_total());
  return response;
}

absl::StatusOr<v1::RebuildStatisticsResponse> StatisticsHandlers::RebuildStatistics(
    const rpc::Call& call, const v1::RebuildStatisticsRequest& request) {
  ASSIGN_OR_RETURN(const RebuildPlace from, PlaceFrom(request.step()));
  return rebuild_.Step<v1::RebuildStatisticsResponse>(
      call.write_context(), from, [](const RebuildStep& step) {
        v1::RebuildStatisticsResponse response;
        response.set_referrals(step.referrals);
        response.set_referrals_mended(step.referrals_mended);
        response.set_aggregates_mended(step.aggregates_mended);
        if (step.next) response.set_next_step(StepText(*step.next));
        return response;
      });
}

absl::StatusOr<v1::RankOrganizationsResponse> StatisticsHandlers::RankOrganizations(
    const rpc::Call& call, const v1::RankOrganizationsRequest& request) {
  ASSIGN_OR_RETURN(const absl::CivilDay day, DayOf(request.day()));
  ASSIGN_OR_RETURN(const auto month,
                   store_.Month(absl::CivilDay(absl::CivilMonth(day)), call.deadline()));
  std::map<OrganizationId, Counts> counts;
  for (const auto& [organization, statistics] : month) counts[organization] = statistics.counts;
  v1::RankOrganizationsResponse response;
  for (const RankedOrganization& ranked :
       Rank(counts, static_cast<RankBy>(request.rank_by()), request.least_received())) {
    v1::RankedOrganization* out = response.add_organizations();
    out->set_rank(ranked.rank);
    out->set_organization_id(ranked.organization.ToString());
    out->set_rate(ranked.rate);
    SetCounts(ranked.counts, out->mutable_counts());
    SetResponseTimes(month.at(ranked.organization), out->mutable_response_times());
  }
  return response;
}

}  // namespace yilian::referral
