#include "services/referral/store/mysql_statistics_rebuild.h"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "common/base/status_macros.h"
#include "common/outbox/cursor_store.h"
#include "services/referral/store/statistic_rows.h"

namespace yilian::referral {
namespace {

using mysql::Query;
using mysql::Row;
using rows::StatisticDelta;

// Referrals of one step: some tens of milliseconds for which the consumer waits.
constexpr int kReferrals = 200;

// Index: primary key.
constexpr Query kNextReferrals{"statistics.NextReferrals",
                               "SELECT referral_id FROM referral WHERE referral_id > ? "
                               "ORDER BY referral_id LIMIT ?"};
// Index: those that lead with the organization; the first entry behind it of each.
constexpr Query kNextOrganization{
    "statistics.NextOrganization",
    "SELECT MIN(organization_id) FROM ("
    "SELECT MIN(organization_id) AS organization_id FROM referral_counted "
    "WHERE organization_id > ? UNION ALL "
    "SELECT MIN(organization_id) FROM referral_fact WHERE organization_id > ? UNION ALL "
    "SELECT MIN(organization_id) FROM referral_statistic WHERE organization_id > ? UNION ALL "
    "SELECT MIN(organization_id) FROM referral_statistic_bucket WHERE organization_id > ?) places"};
// Index: ix_referral_counted__organization.
constexpr Query kCounted{
    "statistics.CountedOfOrganization",
    "SELECT department_id, CAST(day AS CHAR), COUNT(*), SUM(answered_in_time), SUM(answered), "
    "SUM(completed_in_time), SUM(completed), SUM(rated), SUM(satisfied), 0, 0, 0, "
    "SUM(response_owed), SUM(patient_rated), SUM(patient_score), SUM(contacted), "
    "SUM(contact_reached) "
    "FROM referral_counted WHERE organization_id = ? GROUP BY department_id, day"};
// Index: as above.
constexpr Query kResponses{
    "statistics.ResponsesOfOrganization",
    "SELECT department_id, CAST(day AS CHAR), response_bucket, COUNT(*) FROM referral_counted "
    "WHERE organization_id = ? AND response_bucket IS NOT NULL "
    "GROUP BY department_id, day, response_bucket"};
// Index: ix_referral_fact__organization.
constexpr Query kFacts{
    "statistics.FactsOfOrganization",
    "SELECT department_id, CAST(day AS CHAR), kind, reason, COUNT(*), response_owed, answered, "
    "answered_in_time, response_bucket FROM referral_fact WHERE organization_id = ? GROUP BY "
    "department_id, day, kind, reason, response_owed, answered, answered_in_time, "
    "response_bucket"};
// Index: ix_referral_statistic__organization.
constexpr Query kKept{
    "statistics.KeptOfOrganization",
    "SELECT grain, CAST(period AS CHAR), department_id, received, answered_in_time, answered, "
    "completed_in_time, completed, rated, satisfied, rejected, returned, slots_not_found, "
    "responses_owed, patient_rated, patient_score, contacted, contact_reached "
    "FROM referral_statistic WHERE organization_id = ?"};
// Index: ix_referral_statistic_bucket__organization.
constexpr Query kKeptBuckets{
    "statistics.KeptBucketsOfOrganization",
    "SELECT grain, CAST(period AS CHAR), department_id, kind, bucket, occurrences "
    "FROM referral_statistic_bucket WHERE organization_id = ?"};

// What the aggregates of one organization lack; negative where they have too much.
class Lack {
 public:
  explicit Lack(OrganizationId organization) : organization_(organization) {}

  absl::Status Read(mysql::Session& session) {
    RETURN_IF_ERROR(session.SelectValues(kCounted, {organization_}, [&](const Row& row) {
      return AddCounted(row, {.counts = rows::CountsFrom(row, 2)});
    }));
    RETURN_IF_ERROR(session.SelectValues(kResponses, {organization_}, [&](const Row& row) {
      return AddCounted(row,
                        {.buckets = {{{BucketKind::kResponseTime, Number(row, 2)}, row.Int(3)}}});
    }));
    RETURN_IF_ERROR(session.SelectValues(kFacts, {organization_}, [&](const Row& row) {
      ResponseCount response{
          .owed = row.Bool(5), .answered = row.Bool(6), .answered_in_time = row.Bool(7)};
      if (!row.IsNull(8)) response.bucket = Number(row, 8);
      return AddCounted(row, rows::DeltaOf(static_cast<FactKind>(row.Int(2)), Number(row, 3),
                                           response, row.Int(4)));
    }));
    RETURN_IF_ERROR(session.SelectValues(kKept, {organization_}, [&](const Row& row) {
      return TakeKept(row, {.counts = Counts().Add(rows::CountsFrom(row, 3), -1)});
    }));
    return session.SelectValues(kKeptBuckets, {organization_}, [&](const Row& row) {
      const auto kind = static_cast<BucketKind>(row.Int(3));
      return TakeKept(row, {.buckets = {{{kind, Number(row, 4)}, -row.Int(5)}}});
    });
  }

  // How many aggregates were not what they should be.
  absl::StatusOr<int64_t> Mend(mysql::Session& session) const {
    int64_t mended = 0;
    for (const auto& [key, delta] : of_) {
      if (delta.IsNothing()) continue;
      const auto& [grain, period, department] = key;
      RETURN_IF_ERROR(rows::AddToPeriod(session, grain, period,
                                        {.organization = organization_, .department = department},
                                        delta));
      ++mended;
    }
    return mended;
  }

 private:
  static int Number(const Row& row, int column) { return static_cast<int>(row.Int(column)); }

  absl::Status AddCounted(const Row& row, const StatisticDelta& counted) {
    const auto department = row.Id<DepartmentId>(0);
    ASSIGN_OR_RETURN(const absl::CivilDay day, rows::DayFrom(row.Text(1)));
    of_[{Grain::kDay, day, department}].Add(counted);
    of_[{Grain::kMonth, rows::MonthOf(day), department}].Add(counted);
    return absl::OkStatus();
  }
  absl::Status TakeKept(const Row& row, const StatisticDelta& negative) {
    const Grain grain = row.Text(0) == rows::GrainText(Grain::kDay) ? Grain::kDay : Grain::kMonth;
    ASSIGN_OR_RETURN(const absl::CivilDay period, rows::DayFrom(row.Text(1)));
    of_[{grain, period, row.Id<DepartmentId>(2)}].Add(negative);
    return absl::OkStatus();
  }

  const OrganizationId organization_;
  std::map<std::tuple<Grain, absl::CivilDay, DepartmentId>, StatisticDelta> of_;
};

}  // namespace

absl::StatusOr<RebuildStep> MysqlStatisticsRebuild::RecountNext(mysql::Session& session,
                                                                const base::Uuid& after) {
  ASSIGN_OR_RETURN(
      const std::vector<ReferralId> next,
      session.SelectAll<ReferralId>(
          kNextReferrals, [](const Row& row) { return row.Id<ReferralId>(0); }, after, kReferrals));
  RebuildStep step{.referrals = static_cast<int64_t>(next.size())};
  ASSIGN_OR_RETURN(step.referrals_mended, statistics_.Recount(session, next));
  step.next = next.size() == kReferrals
                  ? RebuildPlace{.part = RebuildPart::kReferrals, .after = next.back().uuid()}
                  : RebuildPlace{.part = RebuildPart::kOrganizations};
  return step;
}

absl::StatusOr<RebuildStep> MysqlStatisticsRebuild::AddUpNext(mysql::Session& session,
                                                              const base::Uuid& after) {
  std::optional<base::Uuid> next;
  RETURN_IF_ERROR(
      session.SelectValues(kNextOrganization, {after, after, after, after}, [&](const Row& row) {
        next = row.OptionalId(0);
        return absl::OkStatus();
      }));
  RebuildStep step;
  if (!next) return step;
  Lack lack{OrganizationId(*next)};
  RETURN_IF_ERROR(lack.Read(session));
  ASSIGN_OR_RETURN(step.aggregates_mended, lack.Mend(session));
  step.next = RebuildPlace{.part = RebuildPart::kOrganizations, .after = *next};
  return step;
}

absl::StatusOr<std::string> MysqlStatisticsRebuild::StepBytes(
    const unit::WriteContext& context, const RebuildPlace& from,
    const wire::RespondBytes<RebuildStep>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& session = scope.sql();
    // The row is made where no event has been followed yet.
    RETURN_IF_ERROR(outbox::ReadCursor(session, kStatisticsConsumer, kStatisticsSource).status());
    RETURN_IF_ERROR(outbox::LockCursor(session, kStatisticsConsumer).status());
    ASSIGN_OR_RETURN(const RebuildStep step, from.part == RebuildPart::kReferrals
                                                 ? RecountNext(session, from.after)
                                                 : AddUpNext(session, from.after));
    return respond(step);
  });
}

}  // namespace yilian::referral
