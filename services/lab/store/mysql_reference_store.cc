#include "services/lab/store/mysql_reference_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/lab/domain/errors.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// In the order that FromRow expects.
#define YILIAN_INTERVAL_COLUMNS                                                       \
  "organization_id, loinc, sex, age_from_days, age_to_days, method, effective_from, " \
  "effective_to, unit, low, high, critically_low, critically_high, version"

// Index: primary key.
constexpr Query kLock{"lab.LockInterval",
                      "SELECT " YILIAN_INTERVAL_COLUMNS
                      " FROM reference_interval WHERE interval_id = ? FOR UPDATE"};
constexpr Query kInsert{"lab.InsertInterval",
                        "INSERT INTO reference_interval (interval_id, " YILIAN_INTERVAL_COLUMNS
                        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"};
// Index: primary key.
constexpr Query kUpdate{"lab.UpdateInterval",
                        "UPDATE reference_interval SET effective_to = ?, unit = ?, low = ?, high = "
                        "?, critically_low = ?, critically_high = ?, version = version + 1 WHERE "
                        "interval_id = ? AND version = ?"};
constexpr Query kDelete{"lab.DeleteInterval",
                        "DELETE FROM reference_interval WHERE interval_id = ? AND version = ?"};
// Keyset on (loinc, interval_id). Index: ix_reference_interval__organization.
constexpr Query kList{
    "lab.ListIntervals",
    "SELECT " YILIAN_INTERVAL_COLUMNS
    " FROM reference_interval WHERE organization_id = ? AND (? = '' OR loinc = ?) "
    "AND (loinc > ? OR (loinc = ? AND interval_id > ?)) ORDER BY loinc, "
    "interval_id LIMIT ?"};

std::string DayText(absl::CivilDay day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}
mysql::Value DayOrNull(const std::optional<absl::CivilDay>& day) {
  return day ? mysql::Value(DayText(*day)) : mysql::Value(nullptr);
}
absl::CivilDay DayOf(const std::string& text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

StoredInterval FromRow(const mysql::Row& row) {
  StoredInterval stored;
  ReferenceInterval& interval = stored.interval;
  int at = 0;
  interval.organization = row.Id<OrganizationId>(at++);
  interval.loinc = row.Text(at++);
  interval.sex = static_cast<PatientSex>(row.Int(at++));
  interval.age_from_days = static_cast<int>(row.Int(at++));
  interval.age_to_days = static_cast<int>(row.Int(at++));
  interval.method = row.Text(at++);
  interval.effective_from = DayOf(row.Text(at++));
  const std::optional<std::string> until = row.OptionalText(at++);
  if (until) interval.effective_to = DayOf(*until);
  interval.unit = row.Text(at++);
  interval.low = row.Text(at++);
  interval.high = row.Text(at++);
  interval.critically_low = row.Text(at++);
  interval.critically_high = row.Text(at++);
  stored.version = row.Int(at);
  return stored;
}

absl::Status Store(mysql::Session& session, const std::optional<StoredInterval>& before,
                   const ReferenceInterval& interval) {
  if (!before) {
    return session
        .Execute(kInsert, interval.id(), interval.organization, interval.loinc,
                 static_cast<int>(interval.sex), interval.age_from_days, interval.age_to_days,
                 interval.method, DayText(interval.effective_from),
                 DayOrNull(interval.effective_to), interval.unit, interval.low, interval.high,
                 interval.critically_low, interval.critically_high)
        .status();
  }
  return session
      .Execute(kUpdate, DayOrNull(interval.effective_to), interval.unit, interval.low,
               interval.high, interval.critically_low, interval.critically_high, interval.id(),
               before->version)
      .status();
}

// The laboratory's and the region's, of these analytes.
absl::StatusOr<std::vector<ReferenceInterval>> IntervalsFor(mysql::Session& session,
                                                            OrganizationId laboratory,
                                                            const std::set<std::string>& loincs) {
  // Few lengths of the list, so that few statements are prepared: it is filled up with the last
  // one.
  size_t length = 4;
  while (length < loincs.size()) length *= 4;
  // Index: ix_reference_interval__organization.
  std::string sql = "SELECT " YILIAN_INTERVAL_COLUMNS
                    " FROM reference_interval WHERE organization_id IN (?, ?) AND loinc IN (";
  mysql::Values values = {laboratory, OrganizationId()};
  for (const std::string& loinc : loincs) values.emplace_back(loinc);
  while (values.size() < length + 2) values.emplace_back(*loincs.rbegin());
  for (size_t i = 0; i < length; ++i) sql += i == 0 ? "?" : ", ?";
  std::vector<ReferenceInterval> intervals;
  RETURN_IF_ERROR(
      session.SelectValues({"lab.IntervalsFor", sql + ")"}, values, [&](const mysql::Row& row) {
        intervals.push_back(FromRow(row).interval);
        return absl::OkStatus();
      }));
  return intervals;
}

}  // namespace

absl::Status JudgeByIntervals(mysql::Session& session, Report& report) {
  std::set<std::string> loincs;
  for (const Observation& o : report.observations) {
    if (!o.mapped.loinc.empty() && !o.mapped.unit.empty()) loincs.insert(o.mapped.loinc);
  }
  std::vector<ReferenceInterval> intervals;
  if (!loincs.empty()) {
    ASSIGN_OR_RETURN(intervals, IntervalsFor(session, report.performing_organization, loincs));
  }
  Interpret(intervals,
            {.laboratory = report.performing_organization,
             .age_days = report.patient_age_days,
             .sex = report.patient_sex,
             .day = DayInChina(report.issued_at)},
            report.observations);
  return absl::OkStatus();
}

absl::StatusOr<std::string> MysqlReferenceStore::WriteBytes(const unit::WriteContext& context,
                                                            Change change,
                                                            const ReferenceInterval& interval,
                                                            const std::string& etag,
                                                            const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    const auto lock = [&] { return sql.SelectOne<StoredInterval>(kLock, FromRow, interval.id()); };
    ASSIGN_OR_RETURN(const std::optional<StoredInterval> before, lock());
    if (!before && change == Change::kRemove) return errors::IntervalNotFound();
    const std::string current = before ? before->etag() : "";
    if (etag != current) return errors::EtagStale(current);
    if (change == Change::kRemove) {
      RETURN_IF_ERROR(sql.Execute(kDelete, interval.id(), before->version).status());
      return respond(*before);
    }
    const absl::Status stored = Store(sql, before, interval);
    // Two who define it at once: the other was first.
    if (absl::IsAlreadyExists(stored)) return errors::EtagStale("v1");
    RETURN_IF_ERROR(stored);
    ASSIGN_OR_RETURN(const std::optional<StoredInterval> after, lock());
    if (!after) return absl::InternalError("an interval is gone under its lock");
    return respond(*after);
  });
}

absl::StatusOr<std::vector<StoredInterval>> MysqlReferenceStore::List(const IntervalsQuery& query,
                                                                      absl::Time deadline) {
  std::vector<StoredInterval> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found,
                         session.SelectAll<StoredInterval>(
                             kList, FromRow, query.organization, query.loinc, query.loinc,
                             query.after_loinc, query.after_loinc, query.after_id, query.limit));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace yilian::lab
