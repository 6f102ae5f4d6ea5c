#include "services/lab/store/mysql_trend_store.h"

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "services/lab/store/queries.h"
#include "services/lab/store/sensitivity.h"
#include "services/lab/store/trend_rows.h"

namespace yilian::lab {
namespace {

using mysql::Query;

#define YILIAN_POINT_IN_SIGHT YILIAN_IN_SIGHT("trend_point")

// Newest first, keyset on (observed_at, report_id, ordinal). Index: primary key, read backwards.
// The bound on observed_at alone lets the reading begin at the page.
constexpr Query kPoints{
    "lab.TrendPoints",
    "SELECT " YILIAN_POINT_COLUMNS
    " FROM trend_point WHERE patient_id = ? AND loinc = ? AND observed_at >= ? AND observed_at <= "
    "? "
    "AND (observed_at < ? OR report_id < ? OR (report_id = ? AND ordinal < "
    "?))" YILIAN_POINT_IN_SIGHT " ORDER BY observed_at DESC, report_id DESC, ordinal DESC LIMIT ?"};
// Index: primary key, one step an analyte (loose scan); of each the points up to the first that the
// reader may see.
constexpr Query kAnalytes{
    "lab.TrendAnalytes",
    "SELECT a.loinc FROM (SELECT loinc FROM trend_point WHERE patient_id = ? AND loinc > ? GROUP "
    "BY "
    "loinc) a WHERE EXISTS (SELECT 1 FROM trend_point WHERE patient_id = ? AND loinc = "
    "a.loinc" YILIAN_POINT_IN_SIGHT ") ORDER BY a.loinc LIMIT ?"};
// Index: primary key, read backwards.
constexpr std::string_view kNewestOfOne =
    "(SELECT " YILIAN_POINT_COLUMNS
    " FROM trend_point WHERE patient_id = ? AND loinc = ?" YILIAN_POINT_IN_SIGHT
    " ORDER BY observed_at DESC, report_id DESC, ordinal DESC LIMIT ?)";

}  // namespace

absl::StatusOr<std::vector<TrendPoint>> MysqlTrendStore::Points(const TrendReader& reader,
                                                                const TrendQuery& query,
                                                                absl::Time deadline) {
  const TrendKey& before = query.before;
  mysql::Values values = {reader.patient,     query.loinc,   query.from,    before.observed_at,
                          before.observed_at, before.report, before.report, before.ordinal};
  AddSight(reader.sight, values);
  values.emplace_back(query.limit);
  std::vector<TrendPoint> points;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    points.clear();
    return session.SelectValues(kPoints, values, [&](const mysql::Row& row) {
      points.push_back(rows::PointFromRow(row));
      return absl::OkStatus();
    });
  }));
  return points;
}

absl::StatusOr<std::vector<std::string>> MysqlTrendStore::Analytes(const TrendReader& reader,
                                                                   const std::string& after_loinc,
                                                                   int limit, absl::Time deadline) {
  std::vector<std::string> loincs;
  mysql::Values values = {reader.patient, after_loinc, reader.patient};
  AddSight(reader.sight, values);
  values.emplace_back(limit);
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    loincs.clear();
    return session.SelectValues(kAnalytes, values, [&](const mysql::Row& row) {
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
    AddSight(reader.sight, values);
    values.emplace_back(each);
  }
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    points.clear();
    return session.SelectValues({"lab.NewestPoints", sql}, values, [&](const mysql::Row& row) {
      points.push_back(rows::PointFromRow(row));
      return absl::OkStatus();
    });
  }));
  return points;
}

}  // namespace yilian::lab
