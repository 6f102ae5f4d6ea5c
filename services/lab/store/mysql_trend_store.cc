#include "services/lab/store/mysql_trend_store.h"

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// In the order that FromRow expects.
#define YILIAN_POINT_COLUMNS                                                                 \
  "patient_id, loinc, observed_at, report_id, ordinal, report_version, "                     \
  "performing_organization_id, ordering_organization_id, display, value_type, value, unit, " \
  "ucum_unit, method, reference_range, status, interpretation, applied_interval, disagrees"

#define YILIAN_OF_PARTY " AND (? OR performing_organization_id = ? OR ordering_organization_id = ?)"

// Newest first, keyset on (observed_at, report_id, ordinal). Index: primary key, read backwards.
// The bound on observed_at alone lets the reading begin at the page.
constexpr Query kPoints{
    "lab.TrendPoints",
    "SELECT " YILIAN_POINT_COLUMNS
    " FROM trend_point WHERE patient_id = ? AND loinc = ? AND observed_at >= ? AND observed_at <= "
    "? "
    "AND (observed_at < ? OR report_id < ? OR (report_id = ? AND ordinal < ?))" YILIAN_OF_PARTY
    " ORDER BY observed_at DESC, report_id DESC, ordinal DESC LIMIT ?"};
// Index: primary key, one step an analyte (loose scan) where the reader may see all.
constexpr Query kAnalytes{"lab.TrendAnalytes",
                          "SELECT loinc FROM trend_point WHERE patient_id = ? AND loinc > ? GROUP "
                          "BY loinc ORDER BY loinc LIMIT ?"};
constexpr Query kAnalytesForParty{
    "lab.TrendAnalytesForParty",
    "SELECT DISTINCT loinc FROM trend_point WHERE patient_id = ? AND loinc > ? AND "
    "(performing_organization_id = ? OR ordering_organization_id = ?) ORDER BY loinc LIMIT ?"};
// Index: primary key, read backwards.
constexpr std::string_view kNewestOfOne =
    "(SELECT " YILIAN_POINT_COLUMNS
    " FROM trend_point WHERE patient_id = ? AND loinc = ?" YILIAN_OF_PARTY
    " ORDER BY observed_at DESC, report_id DESC, ordinal DESC LIMIT ?)";

TrendPoint FromRow(const mysql::Row& row) {
  TrendPoint point;
  int at = 0;
  point.patient = row.Id<PatientId>(at++);
  point.loinc = row.Text(at++);
  point.observed_at = row.Time(at++);
  point.report = row.Id<ReportId>(at++);
  point.ordinal = static_cast<int>(row.Int(at++));
  point.report_version = static_cast<int>(row.Int(at++));
  point.performing_organization = row.Id<OrganizationId>(at++);
  point.ordering_organization = row.Id<OrganizationId>(at++);
  point.display = row.Text(at++);
  point.value_type = static_cast<ValueType>(row.Int(at++));
  point.value = row.Text(at++);
  point.unit = row.Text(at++);
  point.ucum_unit = row.Text(at++);
  point.method = row.Text(at++);
  point.reference_range = row.Text(at++);
  point.status = static_cast<ResultStatus>(row.Int(at++));
  point.judged.interpretation = static_cast<Interpretation>(row.Int(at++));
  point.judged.interval = row.Text(at++);
  point.judged.disagrees = row.Bool(at);
  return point;
}

void AddParty(const TrendReader& reader, mysql::Values& values) {
  const OrganizationId party = reader.party_only.value_or(OrganizationId());
  values.insert(values.end(), {!reader.party_only.has_value(), party, party});
}

}  // namespace

absl::StatusOr<std::vector<TrendPoint>> MysqlTrendStore::Points(const TrendReader& reader,
                                                                const TrendQuery& query,
                                                                absl::Time deadline) {
  const TrendKey& before = query.before;
  mysql::Values values = {reader.patient,     query.loinc,   query.from,    before.observed_at,
                          before.observed_at, before.report, before.report, before.ordinal};
  AddParty(reader, values);
  values.emplace_back(query.limit);
  std::vector<TrendPoint> points;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    points.clear();
    return session.SelectValues(kPoints, values, [&](const mysql::Row& row) {
      points.push_back(FromRow(row));
      return absl::OkStatus();
    });
  }));
  return points;
}

absl::StatusOr<std::vector<std::string>> MysqlTrendStore::Analytes(const TrendReader& reader,
                                                                   const std::string& after_loinc,
                                                                   int limit, absl::Time deadline) {
  std::vector<std::string> loincs;
  mysql::Values values = {reader.patient, after_loinc};
  if (reader.party_only) values.insert(values.end(), {*reader.party_only, *reader.party_only});
  values.emplace_back(limit);
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    loincs.clear();
    return session.SelectValues(reader.party_only ? kAnalytesForParty : kAnalytes, values,
                                [&](const mysql::Row& row) {
                                  loincs.push_back(row.Text(0));
                                  return absl::OkStatus();
                                });
  }));
  return loincs;
}

absl::StatusOr<std::vector<TrendPoint>> MysqlTrendStore::Newest(
    const TrendReader& reader, const std::vector<std::string>& loincs, int each,
    absl::Time deadline) {
  std::vector<TrendPoint> points;
  if (loincs.empty()) return points;
  // Few lengths of the statement: it is filled up with an analyte that nobody has.
  size_t length = 1;
  while (length < loincs.size()) length *= 2;
  std::string sql;
  mysql::Values values;
  for (size_t i = 0; i < length; ++i) {
    if (i > 0) sql += " UNION ALL ";
    sql += kNewestOfOne;
    values.emplace_back(reader.patient);
    values.emplace_back(i < loincs.size() ? loincs[i] : "");
    AddParty(reader, values);
    values.emplace_back(each);
  }
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    points.clear();
    return session.SelectValues({"lab.NewestPoints", sql}, values, [&](const mysql::Row& row) {
      points.push_back(FromRow(row));
      return absl::OkStatus();
    });
  }));
  return points;
}

}  // namespace yilian::lab
