#include "services/referral/store/mysql_statistics_store.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "common/wire/timestamp.h"
#include "services/referral/store/statistic_rows.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {
namespace {

using mysql::Query;
using rows::AddTo;
using rows::CountsFrom;
using rows::DayFrom;
using rows::DayText;
using rows::StatisticDelta;
using rows::StatisticDeltas;

// Index: primary key, which also keeps a fact from counting twice.
constexpr Query kInsertFact{"statistics.InsertFact",
                            "INSERT INTO referral_fact (referral_id, version, kind, reason, "
                            "organization_id, department_id, day) VALUES (?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key.
constexpr Query kHasFact{"statistics.HasFact",
                         "SELECT kind FROM referral_fact WHERE referral_id = ? AND version = ?"};
// Index: primary key.
constexpr Query kCounted{
    "statistics.Counted",
    "SELECT organization_id, department_id, CAST(day AS CHAR), answered, answered_in_time, "
    "completed, completed_in_time, rated, satisfied, response_bucket FROM referral_counted WHERE "
    "referral_id = ? FOR UPDATE"};
// Index: primary key.
constexpr Query kSetCounted{
    "statistics.SetCounted",
    "REPLACE INTO referral_counted (referral_id, organization_id, department_id, day, answered, "
    "answered_in_time, completed, completed_in_time, rated, satisfied, response_bucket) VALUES "
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
#define YILIAN_STATISTIC_SUMS                                                     \
  "SUM(received), SUM(answered_in_time), SUM(answered), SUM(completed_in_time), " \
  "SUM(completed), SUM(rated), SUM(satisfied), SUM(rejected), SUM(returned), "    \
  "SUM(slots_not_found)"

// Index: ix_referral_statistic__organization, a range of one organization's periods. `? = 0` leaves
// all departments in.
constexpr Query kPeriods{
    "statistics.Periods",
    "SELECT CAST(period AS CHAR), " YILIAN_STATISTIC_SUMS
    " FROM referral_statistic WHERE organization_id = ? AND grain = ? AND period BETWEEN ? AND ? "
    "AND (? = 0 OR department_id = ?) GROUP BY period"};
// Index: ix_referral_statistic_bucket__organization.
constexpr Query kPeriodBuckets{
    "statistics.PeriodBuckets",
    "SELECT CAST(period AS CHAR), kind, bucket, SUM(occurrences) FROM referral_statistic_bucket "
    "WHERE organization_id = ? AND grain = ? AND period BETWEEN ? AND ? AND (? = 0 OR "
    "department_id = ?) GROUP BY period, kind, bucket"};
// Index: primary key, the rows of one month.
constexpr Query kMonth{"statistics.Month",
                       "SELECT organization_id, " YILIAN_STATISTIC_SUMS
                       " FROM referral_statistic WHERE grain = 'M' AND period = ? GROUP BY "
                       "organization_id"};
// Index: primary key, the rows of one month.
constexpr Query kMonthBuckets{
    "statistics.MonthBuckets",
    "SELECT organization_id, kind, bucket, SUM(occurrences) FROM referral_statistic_bucket WHERE "
    "grain = 'M' AND period = ? GROUP BY organization_id, kind, bucket"};

absl::StatusOr<Contribution> ContributionFrom(const mysql::Row& row) {
  Contribution counted;
  counted.place.organization = row.Id<OrganizationId>(0);
  counted.place.department = row.Id<DepartmentId>(1);
  ASSIGN_OR_RETURN(counted.place.day, DayFrom(row.Text(2)));
  counted.counts[Measure::kReceived] = 1;
  counted.counts[Measure::kAnswered] = row.Int(3);
  counted.counts[Measure::kAnsweredInTime] = row.Int(4);
  counted.counts[Measure::kCompleted] = row.Int(5);
  counted.counts[Measure::kCompletedInTime] = row.Int(6);
  counted.counts[Measure::kRated] = row.Int(7);
  counted.counts[Measure::kSatisfied] = row.Int(8);
  if (const auto bucket = row.OptionalInt(9)) counted.response_bucket = static_cast<int>(*bucket);
  return counted;
}

absl::Status SetCounted(mysql::Session& session, ReferralId id, const Contribution& now) {
  return session
      .Execute(kSetCounted, id, now.place.organization, now.place.department,
               DayText(now.place.day), now.counts[Measure::kAnswered],
               now.counts[Measure::kAnsweredInTime], now.counts[Measure::kCompleted],
               now.counts[Measure::kCompletedInTime], now.counts[Measure::kRated],
               now.counts[Measure::kSatisfied], now.response_bucket)
      .status();
}

}  // namespace

absl::StatusOr<bool> MysqlStatisticsStore::Recount(mysql::Session& session, ReferralId id) {
  ASSIGN_OR_RETURN(const std::optional<Referral> referral, referrals_.Find(session, id));
  if (!referral) return false;
  const std::optional<Contribution> now = ContributionOf(*referral, referrals_.zone());
  if (!now) return false;
  ASSIGN_OR_RETURN(const std::optional<Contribution> before,
                   session.SelectOne<Contribution>(kCounted, ContributionFrom, id));
  if (before == now) return false;
  StatisticDeltas deltas;
  if (before) AddTo(deltas, *before, -1);
  AddTo(deltas, *now, 1);
  RETURN_IF_ERROR(rows::AddToStatistics(session, deltas));
  RETURN_IF_ERROR(SetCounted(session, id, *now));
  return true;
}

absl::Status MysqlStatisticsStore::AddFact(mysql::Session& session, const Fact& fact) {
  ASSIGN_OR_RETURN(
      const std::optional<int64_t> there,
      session.SelectOne<int64_t>(
          kHasFact, [](const mysql::Row& row) { return row.Int(0); }, fact.referral, fact.version));
  if (there) return absl::OkStatus();
  RETURN_IF_ERROR(session
                      .Execute(kInsertFact, fact.referral, fact.version,
                               static_cast<int>(fact.kind), static_cast<int>(fact.reason),
                               fact.place.organization, fact.place.department,
                               DayText(fact.place.day))
                      .status());
  StatisticDeltas deltas;
  StatisticDelta& delta = deltas[fact.place];
  delta.counts[MeasureOf(fact.kind)] = 1;
  if (const std::optional<BucketKind> reasons = BucketOf(fact.kind)) {
    delta.buckets[{*reasons, static_cast<int>(fact.reason)}] = 1;
  }
  return rows::AddToStatistics(session, deltas);
}

absl::Status MysqlStatisticsStore::Apply(mysql::Session& session, const event::v1::Event& event) {
  v1::ReferralChanged changed;
  if (!event.payload().UnpackTo(&changed)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(changed.referral_id()));
  if (const std::optional<FactKind> kind = FactOf(event.type())) {
    Fact fact{.referral = id,
              .version = event.aggregate_version(),
              .kind = *kind,
              .reason = static_cast<ReasonCode>(changed.reason())};
    ASSIGN_OR_RETURN(fact.place.organization,
                     OrganizationId::Parse(changed.receiving_organization_id()));
    ASSIGN_OR_RETURN(fact.place.department,
                     wire::OptionalId<DepartmentId>(changed.receiving_department_id()));
    fact.place.day = absl::ToCivilDay(wire::ToTime(event.occurred_at()), referrals_.zone());
    RETURN_IF_ERROR(AddFact(session, fact));
  }
  return Recount(session, id).status();
}

absl::StatusOr<std::map<absl::CivilDay, PeriodStatistics>> MysqlStatisticsStore::Periods(
    const StatisticsQuery& query, absl::Time deadline) {
  const mysql::Values values = {
      query.organization,  rows::GrainText(query.grain),      DayText(query.first),
      DayText(query.last), query.department.is_nil() ? 0 : 1, query.department};
  std::map<absl::CivilDay, PeriodStatistics> periods;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    periods.clear();
    RETURN_IF_ERROR(
        session.SelectValues(kPeriods, values, [&](const mysql::Row& row) -> absl::Status {
          ASSIGN_OR_RETURN(const absl::CivilDay period, DayFrom(row.Text(0)));
          periods[period].counts = CountsFrom(row, 1);
          return absl::OkStatus();
        }));
    return session.SelectValues(kPeriodBuckets, values, [&](const mysql::Row& row) -> absl::Status {
      ASSIGN_OR_RETURN(const absl::CivilDay period, DayFrom(row.Text(0)));
      periods[period].buckets[static_cast<BucketKind>(row.Int(1))][static_cast<int>(row.Int(2))] =
          row.Int(3);
      return absl::OkStatus();
    });
  }));
  return periods;
}

absl::StatusOr<std::map<OrganizationId, PeriodStatistics>> MysqlStatisticsStore::Month(
    absl::CivilDay first, absl::Time deadline) {
  std::map<OrganizationId, PeriodStatistics> organizations;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    organizations.clear();
    RETURN_IF_ERROR(session.SelectValues(kMonth, {DayText(first)}, [&](const mysql::Row& row) {
      organizations[row.Id<OrganizationId>(0)].counts = CountsFrom(row, 1);
      return absl::OkStatus();
    }));
    return session.SelectValues(kMonthBuckets, {DayText(first)}, [&](const mysql::Row& row) {
      organizations[row.Id<OrganizationId>(0)]
          .buckets[static_cast<BucketKind>(row.Int(1))][static_cast<int>(row.Int(2))] = row.Int(3);
      return absl::OkStatus();
    });
  }));
  return organizations;
}

}  // namespace yilian::referral
