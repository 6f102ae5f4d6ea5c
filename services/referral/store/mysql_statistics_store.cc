#include "services/referral/store/mysql_statistics_store.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/shaped.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "common/wire/timestamp.h"
#include "services/referral/store/statistic_rows.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {
namespace {

using mysql::Query;
using mysql::Shaped;
using rows::AddTo;
using rows::CountsFrom;
using rows::DayFrom;
using rows::DayText;
using rows::StatisticDelta;
using rows::StatisticDeltas;

// Index: primary key, which also keeps a fact from counting twice.
constexpr Query kInsertFact{"statistics.InsertFact",
                            "INSERT INTO referral_fact (referral_id, version, kind, reason, "
                            "organization_id, department_id, day, response_owed, answered, "
                            "answered_in_time, response_bucket) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                            "?, ?, ?)"};
// Index: primary key.
constexpr Query kHasFact{"statistics.HasFact",
                         "SELECT kind FROM referral_fact WHERE referral_id = ? AND version = ?"};
// What a referral counts is made of. Of what the patient said when contacted, the last word.
// Indexes: primary keys, or their prefix.
const Shaped& StandingStatement() {
  static const auto* statement = new Shaped("statistics.Standing", {1, 8, 64}, [](size_t ids) {
    return "SELECT r.referral_id, r.receiving_organization_id, r.receiving_department_id, "
           "r.submitted_at, r.first_response_at, r.response_due_at, r.received_at, "
           "r.completed_at, r.completed_in_time, r.referrer_score, p.score, "
           "(SELECT MAX(c.reached) FROM closing_contact c WHERE c.referral_id = r.referral_id), "
           "(SELECT c.satisfaction FROM closing_contact c WHERE c.referral_id = r.referral_id AND "
           "c.satisfaction <> 0 ORDER BY c.ordinal DESC LIMIT 1) FROM referral r LEFT JOIN "
           "patient_rating p ON p.referral_id = r.referral_id WHERE r.referral_id IN (" +
           mysql::Places(ids) + ")";
  });
  return *statement;
}
// Index: primary key.
const Shaped& CountedStatement() {
  static const auto* statement = new Shaped("statistics.Counted", {1, 8, 64}, [](size_t ids) {
    return "SELECT referral_id, organization_id, department_id, CAST(day AS CHAR), answered, "
           "answered_in_time, completed, completed_in_time, rated, satisfied, response_bucket, "
           "response_owed, patient_rated, patient_score, contacted, contact_reached "
           "FROM referral_counted WHERE referral_id IN (" +
           mysql::Places(ids) + ") FOR UPDATE";
  });
  return *statement;
}
constexpr size_t kCountedColumns = 16;
// Index: primary key.
const Shaped& SetCountedStatement() {
  static const auto* statement = new Shaped("statistics.SetCounted", {1, 8, 64}, [](size_t rows) {
    return "REPLACE INTO referral_counted (referral_id, organization_id, department_id, day, "
           "answered, answered_in_time, completed, completed_in_time, rated, satisfied, "
           "response_bucket, response_owed, patient_rated, patient_score, contacted, "
           "contact_reached) VALUES " +
           mysql::PlaceRows(rows, kCountedColumns);
  });
  return *statement;
}

#define YILIAN_STATISTIC_SUMS                                                     \
  "SUM(received), SUM(answered_in_time), SUM(answered), SUM(completed_in_time), " \
  "SUM(completed), SUM(rated), SUM(satisfied), SUM(rejected), SUM(returned), "    \
  "SUM(slots_not_found), SUM(responses_owed), SUM(patient_rated), "               \
  "SUM(patient_score), SUM(contacted), SUM(contact_reached)"

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

using Contributions = std::map<ReferralId, Contribution>;

absl::StatusOr<Contribution> CountedFrom(const mysql::Row& row) {
  Contribution counted;
  counted.place.organization = row.Id<OrganizationId>(1);
  counted.place.department = row.Id<DepartmentId>(2);
  ASSIGN_OR_RETURN(counted.place.day, DayFrom(row.Text(3)));
  counted.counts[Measure::kReceived] = 1;
  counted.counts[Measure::kAnswered] = row.Int(4);
  counted.counts[Measure::kAnsweredInTime] = row.Int(5);
  counted.counts[Measure::kCompleted] = row.Int(6);
  counted.counts[Measure::kCompletedInTime] = row.Int(7);
  counted.counts[Measure::kRated] = row.Int(8);
  counted.counts[Measure::kSatisfied] = row.Int(9);
  if (const auto bucket = row.OptionalInt(10)) counted.response_bucket = static_cast<int>(*bucket);
  counted.counts[Measure::kResponsesOwed] = row.Int(11);
  counted.counts[Measure::kPatientRated] = row.Int(12);
  counted.counts[Measure::kPatientScore] = row.Int(13);
  counted.counts[Measure::kContacted] = row.Int(14);
  counted.counts[Measure::kContactReached] = row.Int(15);
  return counted;
}

// As much of a referral as a contribution is made of.
Referral StandingFrom(const mysql::Row& row) {
  Referral referral;
  referral.id = row.Id<ReferralId>(0);
  referral.receiving_organization = row.Id<OrganizationId>(1);
  referral.receiving_department = row.Id<DepartmentId>(2);
  referral.submitted_at = row.OptionalTime(3);
  referral.first_response_at = row.OptionalTime(4);
  referral.response_due_at = row.OptionalTime(5);
  referral.received_at = row.OptionalTime(6);
  referral.completed_at = row.OptionalTime(7);
  referral.completed_in_time = row.Bool(8);
  if (const auto score = row.OptionalInt(9)) referral.referrer_score = static_cast<int>(*score);
  if (const auto score = row.OptionalInt(10)) {
    referral.patient_rating = PatientRating{.score = static_cast<int>(*score)};
  }
  if (const auto reached = row.OptionalInt(11)) {
    referral.closing_contacts.push_back(
        {.reached = *reached != 0,
         .satisfaction = static_cast<Satisfaction>(row.OptionalInt(12).value_or(0))});
  }
  return referral;
}

// Runs a statement over all ids, as many at a time as it takes.
absl::Status SelectOf(mysql::Session& session, const Shaped& statement,
                      std::span<const ReferralId> ids, mysql::RowCallback row) {
  while (!ids.empty()) {
    const Shaped::Shape& shape = statement.AtLeast(ids.size());
    const auto some = ids.first(std::min(shape.length, ids.size()));
    mysql::Values values(some.begin(), some.end());
    values.resize(shape.length, values.back());
    RETURN_IF_ERROR(session.SelectValues(shape.query(), values, row));
    ids = ids.subspan(some.size());
  }
  return absl::OkStatus();
}

absl::Status SetCounted(mysql::Session& session,
                        std::span<const std::pair<ReferralId, Contribution>> counted) {
  while (!counted.empty()) {
    const Shaped::Shape& shape = SetCountedStatement().AtMost(counted.size());
    mysql::Values values;
    values.reserve(shape.length * kCountedColumns);
    for (const auto& [id, now] : counted.first(shape.length)) {
      const mysql::Value row[] = {id,
                                  now.place.organization,
                                  now.place.department,
                                  DayText(now.place.day),
                                  now.counts[Measure::kAnswered],
                                  now.counts[Measure::kAnsweredInTime],
                                  now.counts[Measure::kCompleted],
                                  now.counts[Measure::kCompletedInTime],
                                  now.counts[Measure::kRated],
                                  now.counts[Measure::kSatisfied],
                                  now.response_bucket,
                                  now.counts[Measure::kResponsesOwed],
                                  now.counts[Measure::kPatientRated],
                                  now.counts[Measure::kPatientScore],
                                  now.counts[Measure::kContacted],
                                  now.counts[Measure::kContactReached]};
      values.insert(values.end(), std::begin(row), std::end(row));
    }
    RETURN_IF_ERROR(session.ExecuteValues(shape.query(), values).status());
    counted = counted.subspan(shape.length);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> MysqlStatisticsStore::Recount(mysql::Session& session,
                                                      std::span<const ReferralId> ids) {
  Contributions now;
  RETURN_IF_ERROR(SelectOf(session, StandingStatement(), ids, [&](const mysql::Row& row) {
    const Referral referral = StandingFrom(row);
    if (const auto counts = ContributionOf(referral, referrals_.zone())) now[referral.id] = *counts;
    return absl::OkStatus();
  }));
  Contributions before;
  RETURN_IF_ERROR(
      SelectOf(session, CountedStatement(), ids, [&](const mysql::Row& row) -> absl::Status {
        ASSIGN_OR_RETURN(before[row.Id<ReferralId>(0)], CountedFrom(row));
        return absl::OkStatus();
      }));
  StatisticDeltas deltas;
  std::vector<std::pair<ReferralId, Contribution>> differ;
  for (const auto& [id, counts] : now) {
    const auto counted = before.find(id);
    if (counted != before.end()) {
      if (counted->second == counts) continue;
      AddTo(deltas, counted->second, -1);
    }
    AddTo(deltas, counts, 1);
    differ.emplace_back(id, counts);
  }
  RETURN_IF_ERROR(rows::AddToStatistics(session, deltas));
  RETURN_IF_ERROR(SetCounted(session, differ));
  return static_cast<int64_t>(differ.size());
}

absl::Status MysqlStatisticsStore::AddFact(mysql::Session& session, const Fact& fact) {
  ASSIGN_OR_RETURN(
      const std::optional<int64_t> there,
      session.SelectOne<int64_t>(
          kHasFact, [](const mysql::Row& row) { return row.Int(0); }, fact.referral, fact.version));
  if (there) return absl::OkStatus();
  RETURN_IF_ERROR(session
                      .Execute(kInsertFact, fact.referral, fact.version,
                               static_cast<int>(fact.kind), fact.reason, fact.place.organization,
                               fact.place.department, DayText(fact.place.day), fact.response.owed,
                               fact.response.answered, fact.response.answered_in_time,
                               fact.response.bucket)
                      .status());
  StatisticDeltas deltas;
  rows::AddTo(deltas, fact);
  return rows::AddToStatistics(session, deltas);
}

absl::StatusOr<std::optional<Fact>> MysqlStatisticsStore::FactFrom(
    const event::v1::Event& event, ReferralId id, const v1::ReferralChanged& changed) const {
  const auto failure = static_cast<BookingFailure>(changed.booking_failure());
  const std::optional<FactKind> kind = FactOf(event.type(), failure);
  if (!kind) return std::optional<Fact>();
  Fact fact{.referral = id, .version = event.aggregate_version(), .kind = *kind};
  fact.reason = *kind == FactKind::kSlotNotFound ? static_cast<int>(failure)
                                                 : static_cast<int>(changed.reason());
  const bool given_away =
      event.type() == "ReferralRedirected" || event.type() == "ReferralRedirectDeclined";
  // Of a release that did not say who gave it away.
  if (given_away && !changed.has_response()) return std::optional<Fact>();
  const v1::ReceiverResponse& response = changed.response();
  ASSIGN_OR_RETURN(fact.place.organization,
                   OrganizationId::Parse(given_away ? response.organization_id()
                                                    : changed.receiving_organization_id()));
  ASSIGN_OR_RETURN(fact.place.department,
                   wire::OptionalId<DepartmentId>(given_away ? response.department_id()
                                                             : changed.receiving_department_id()));
  fact.place.day = absl::ToCivilDay(wire::ToTime(event.occurred_at()), referrals_.zone());
  if (given_away) {
    ReceiverResponse given{.received_at = wire::ToTime(response.received_at())};
    if (response.has_due_at()) given.due_at = wire::ToTime(response.due_at());
    if (response.has_responded_at()) given.responded_at = wire::ToTime(response.responded_at());
    fact.response = CountOf(given);
  }
  return std::optional<Fact>(fact);
}

absl::Status MysqlStatisticsStore::Apply(mysql::Session& session,
                                         std::span<const event::v1::Event> events) {
  std::set<ReferralId> changed_ids;
  for (const event::v1::Event& event : events) {
    v1::ReferralChanged changed;
    if (!event.payload().UnpackTo(&changed)) continue;
    ASSIGN_OR_RETURN(const ReferralId id, ReferralId::Parse(changed.referral_id()));
    changed_ids.insert(id);
    ASSIGN_OR_RETURN(const std::optional<Fact> fact, FactFrom(event, id, changed));
    if (fact) RETURN_IF_ERROR(AddFact(session, *fact));
  }
  const std::vector<ReferralId> ids(changed_ids.begin(), changed_ids.end());
  return Recount(session, ids).status();
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
