#include "tests/bench/lab-trend/points.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"

namespace yilian::bench {
namespace {

// Rows of one transaction: far below what the limit of a statement's time allows.
constexpr int64_t kChunk = 10'000;

// `n` counts the points: 1,000 a patient, 50 an analyte, a week between two.
constexpr std::string_view kInsert =
    "INSERT INTO trend_point (patient_id, loinc, observed_at, report_id, ordinal, report_version, "
    "performing_organization_id, ordering_organization_id, display, value_type, value, unit, "
    "ucum_unit, method, reference_range, status, interpretation, applied_interval, disagrees) "
    "SELECT UNHEX(SUBSTR(SHA2(CONCAT('patient ', n DIV 1000), 256), 1, 32)), CONCAT(2000 + (n DIV "
    "50) MOD 20, '-0'), TIMESTAMP('2020-01-01') + INTERVAL (n MOD 50) WEEK, "
    "UNHEX(SUBSTR(SHA2(CONCAT('report ', n DIV 1000, ' ', n MOD 50), 256), 1, 32)), (n DIV 50) MOD "
    "20, 1, UNHEX(SUBSTR(SHA2(CONCAT('laboratory ', n MOD 7), 256), 1, 32)), "
    "UNHEX(SUBSTR(SHA2(CONCAT('clinic ', n MOD 33), 256), 1, 32)), '血清钾', 1, CONCAT(3 + n MOD "
    "3, "
    "'.', n MOD 100), 'mmol/L', 'mmol/L', 'ISE', '3.5-5.5', 4, 1, '3.5-5.5 mmol/L', FALSE FROM "
    "(SELECT CAST(? AS SIGNED) + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM digit a, digit "
    "b, digit c, digit e) AS numbers WHERE n < ?";

absl::Status Execute(mysql::Pool& pool, std::string_view sql, const mysql::Values& values) {
  return mysql::RunTransaction(
      pool, {.name = "bench.Insert", .deadline = absl::Now() + absl::Minutes(5)},
      [&](mysql::Session& session) {
        return session.ExecuteValues({"bench.Insert", sql}, values).status();
      });
}

}  // namespace

lab::PatientId PatientOf(int64_t number) {
  // As SHA2 in the statement above.
  return lab::PatientId(
      *base::Uuid::FromBytes(crypto::Sha256(fmt::format("patient {}", number)).substr(0, 16)));
}

std::string LoincOf(int analyte) { return fmt::format("{}-0", 2000 + analyte); }

absl::Status InsertPoints(mysql::Pool& pool, int64_t count) {
  RETURN_IF_ERROR(Execute(pool, "CREATE TABLE digit (d INT NOT NULL PRIMARY KEY)", {}));
  RETURN_IF_ERROR(Execute(
      pool, "INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)", {}));
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    RETURN_IF_ERROR(Execute(pool, kInsert, {begin, std::min(count, begin + kChunk)}));
  }
  return mysql::RunRead(pool, absl::Now() + absl::Minutes(1), [](mysql::Session& session) {
    return session.SelectValues({"bench.Analyze", "ANALYZE TABLE trend_point"}, {},
                                [](const mysql::Row&) { return absl::OkStatus(); });
  });
}

}  // namespace yilian::bench
