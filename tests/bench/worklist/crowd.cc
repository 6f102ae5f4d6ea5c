#include "tests/bench/worklist/crowd.h"

#include <algorithm>
#include <string>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"

namespace yilian::bench {
namespace {

// Rows of one transaction: far below what the limit of a statement's time allows.
constexpr int kChunk = 10'000;
constexpr const char* kHospital = "0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a00";

// `n` counts the referrals. Ids rise with it, as those of version 7 do; the rest is spread by its
// digits: receiver by the last one, state by the next, so that any organization has all states.
constexpr std::string_view kInsert =
    "INSERT INTO referral (referral_id, patient_id, direction, channel, setting, urgency, "
    "state, is_open, referring_organization_id, receiving_organization_id, complaint, "
    "history, diagnosis_system, diagnosis_code, diagnosis_display, treatment, question, "
    "citations, booking_id, booking_session_id, booking_starts_at, booking_seat_number, "
    "reason, reason_comment, outcome_letter, patient_consented, submitted_at, "
    "completed_in_time, clock_started_at, due_at, escalation_tier, updated_at, worklist_at, "
    "version) SELECT UNHEX(CONCAT(LPAD(HEX(1700000000000 + n), 12, '0'), '7000', "
    "SUBSTR(SHA2(n, 256), 1, 16))), UNHEX(SUBSTR(SHA2(CONCAT('patient ', n MOD 430000), 256), "
    "1, 32)), 1, 1, 1, 1, state, s < 3, UNHEX(SUBSTR(SHA2(CONCAT('referrer ', n MOD 33), "
    "256), 1, 32)), IF(n MOD 5 = 0, UNHEX('0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a00'), "
    "UNHEX(SUBSTR(SHA2(CONCAT('receiver ', n MOD 39), 256), 1, 32))), 'chest pain on exertion "
    "for two weeks', REPEAT('history ', 20), 'ICD-10', 'I20.0', 'Unstable angina', '', "
    "'coronary angiography', '', IF(s = 2, UNHEX(SUBSTR(SHA2(CONCAT('booking ', n), 256), 1, "
    "32)), NULL), IF(s = 2, UNHEX(SUBSTR(SHA2(CONCAT('session ', n), 256), 1, 32)), NULL), "
    "IF(s = 2, clock, NULL), IF(s = 2, 1, NULL), 0, '', IF(s < 3, '', REPEAT('letter ', 20)), "
    "TRUE, clock, s >= 3, IF(s = 0, clock, NULL), IF(s = 0, clock, NULL), 0, clock, clock, 3 "
    "FROM (SELECT n, (n DIV 5) MOD 10 AS s, ELT((n DIV 5) MOD 10 + 1, 'SUBMITTED', "
    "'ACCEPTED', 'SCHEDULED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', "
    "'COMPLETED', 'REJECTED', 'CANCELLED') AS state, TIMESTAMP('2026-01-01') + INTERVAL n "
    "SECOND AS clock FROM (SELECT CAST(? AS SIGNED) + a.d + 10 * b.d + 100 * c.d + 1000 * e.d "
    "AS n FROM digit a, digit b, digit c, digit e) AS numbers WHERE n < ?) AS rows_to_be";

absl::Status Execute(mysql::Pool& pool, std::string_view sql, const mysql::Values& values) {
  return mysql::RunTransaction(
      pool, {.name = "bench.Insert", .deadline = absl::Now() + absl::Minutes(5)},
      [&](mysql::Session& session) {
        return session.ExecuteValues({"bench.Insert", sql}, values).status();
      });
}

}  // namespace

referral::OrganizationId Hospital() {
  std::string text = kHospital;
  for (const size_t dash : {8, 13, 18, 23}) text.insert(dash, "-");
  return *referral::OrganizationId::Parse(text);
}

absl::Status InsertReferrals(mysql::Pool& pool, int count) {
  RETURN_IF_ERROR(Execute(pool, "CREATE TABLE digit (d INT NOT NULL PRIMARY KEY)", {}));
  RETURN_IF_ERROR(Execute(
      pool, "INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)", {}));
  for (int begin = 0; begin < count; begin += kChunk) {
    RETURN_IF_ERROR(Execute(pool, kInsert, {begin, std::min(count, begin + kChunk)}));
  }
  return mysql::RunRead(pool, absl::Now() + absl::Minutes(1), [](mysql::Session& session) {
    return session.SelectValues({"bench.Analyze", "ANALYZE TABLE referral"}, {},
                                [](const mysql::Row&) { return absl::OkStatus(); });
  });
}

}  // namespace yilian::bench
