// check: proves the invariants that cross services, over all schemas.
#include <fmt/format.h>

#include <map>

#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/ctl/command.h"

namespace yilian::ctl {
namespace {

// Rows that must not be there. The schemas lie on one server in a local region; the auditor reads
// them all.
struct Invariant {
  std::string_view name;
  mysql::Query violations;  // counts them
};

constexpr Invariant kInvariants[] = {
    {"a seat has at most one live booking",
     {"check.SeatOnce",
      "SELECT COUNT(*) FROM (SELECT session_id, seat_number FROM yilian_scheduling.booking WHERE "
      "state IN ('HELD', "
      "'BOOKED', 'CHECKED_IN') GROUP BY session_id, seat_number HAVING COUNT(*) > 1) twice"}},
    {"a referral has at most one live booking",
     {"check.ReferralOnce",
      "SELECT COUNT(*) FROM (SELECT referral_id FROM yilian_scheduling.booking WHERE referral_id "
      "IS NOT NULL AND state "
      "IN ('HELD', 'BOOKED', 'CHECKED_IN') GROUP BY referral_id HAVING COUNT(*) > 1) twice"}},
    {"a scheduled referral has the booking that it names, live",
     {"check.ScheduledIsBooked",
      "SELECT COUNT(*) FROM yilian_referral.referral r LEFT JOIN yilian_scheduling.booking b ON "
      "b.booking_id = "
      "r.booking_id WHERE r.state IN ('SCHEDULED', 'ARRIVED', 'IN_CARE') AND r.booking_id IS NOT "
      "NULL AND (b.booking_id "
      "IS NULL OR b.state NOT IN ('BOOKED', 'CHECKED_IN', 'DONE'))"}},
    {"a booked seat of a referral belongs to a referral that wants it (no saga running)",
     {"check.BookingIsWanted",
      "SELECT COUNT(*) FROM yilian_scheduling.booking b LEFT JOIN yilian_referral.referral r ON "
      "r.referral_id = "
      "b.referral_id WHERE b.referral_id IS NOT NULL AND b.state IN ('BOOKED', 'CHECKED_IN') AND "
      "(r.referral_id IS NULL "
      "OR r.state IN ('CANCELLED', 'REJECTED', 'DRAFT', 'RETURNED')) AND NOT EXISTS (SELECT 1 FROM "
      "yilian_referral.saga "
      "s WHERE s.aggregate_id = b.referral_id AND s.due_at IS NOT NULL)"}},
    {"a signed consultation has its opinion",
     {"check.SignedHasOpinion",
      "SELECT COUNT(*) FROM yilian_consultation.consultation c LEFT JOIN "
      "yilian_consultation.opinion o ON "
      "o.consultation_id = c.consultation_id AND o.opinion_version = c.opinion_version WHERE "
      "c.opinion_version > 0 AND "
      "o.consultation_id IS NULL"}},
    {"one practitioner signed each version of an opinion, in the order of the versions",
     {"check.OpinionVersions",
      "SELECT COUNT(*) FROM (SELECT consultation_id FROM yilian_consultation.opinion GROUP BY "
      "consultation_id HAVING COUNT(*) <> MAX(opinion_version) OR COUNT(DISTINCT "
      "practitioner_id) > 1) several"}},
    {"a study is in one reader's hands, and what is free or answered in nobody's",
     {"check.ClaimHasReader",
      "SELECT COUNT(*) FROM yilian_consultation.consultation WHERE (lease_until IS NOT NULL AND "
      "(expert_practitioner_id IS NULL OR lease_epoch < 1 OR state NOT IN ('ASSIGNED', "
      "'OPINION_DRAFTED'))) OR (state IN ('ASSIGNED', 'OPINION_DRAFTED') AND lease_until IS "
      "NULL) OR (parked_at IS NOT NULL AND lease_until IS NULL)"}},
    {"the transcript of a live session has every number up to its last",
     {"check.Transcript",
      "SELECT COUNT(*) FROM yilian_consultation.live_session s LEFT JOIN (SELECT live_session_id, "
      "COUNT(*) AS entries, MAX(entry_number) AS last FROM yilian_consultation.transcript_entry "
      "GROUP BY live_session_id) t ON t.live_session_id = s.live_session_id WHERE "
      "COALESCE(t.entries, 0) <> s.last_number OR COALESCE(t.last, 0) <> s.last_number"}},
    {"a consultation whose clock has a step to come has its timer",
     {"check.ConsultationHasClock",
      "SELECT COUNT(*) FROM yilian_consultation.consultation c LEFT JOIN "
      "yilian_consultation.timer t ON t.kind = 'consultation.Clock' AND t.aggregate_id = "
      "c.consultation_id WHERE ((c.due_at IS NOT NULL AND c.tier < 3 AND c.clock_seconds IS NOT "
      "NULL) OR (c.receipt_due_at IS NOT NULL AND NOT c.receipt_overdue)) AND t.due_at IS NULL"}},
    {"a reader on duty is a member of the centre, and a study's centre is the consulted side's",
     {"check.ReadersAreMembers",
      "SELECT (SELECT COUNT(*) FROM yilian_consultation.reading_member WHERE duty IN (2, 3) AND "
      "kinds = '') + (SELECT COUNT(*) FROM yilian_consultation.consultation c LEFT JOIN "
      "yilian_consultation.reading_centre r ON r.centre_id = c.centre_id WHERE c.centre_id IS "
      "NOT NULL AND (r.centre_id IS NULL OR r.organization_id <> "
      "c.consulted_organization_id))"}},
    {"a report's current version is there with all it says",
     {"check.ReportHasVersion",
      "SELECT COUNT(*) FROM yilian_lab.report r LEFT JOIN yilian_lab.report_version v ON "
      "v.report_id = r.report_id AND "
      "v.version = r.current_version WHERE v.report_id IS NULL"}},
    {"a critical value that waits for somebody has its clock",
     {"check.CriticalHasClock",
      "SELECT COUNT(*) FROM yilian_lab.critical_value c LEFT JOIN yilian_lab.timer t ON t.kind = "
      "'lab.Critical' AND t.aggregate_id = c.critical_value_id WHERE c.due_at IS NOT NULL AND "
      "t.due_at IS NULL"}},
    {"a correction notice that waits for its next step has its clock",
     {"check.NoticeHasClock",
      "SELECT COUNT(*) FROM yilian_lab.correction_notice n LEFT JOIN yilian_lab.timer t ON t.kind "
      "= "
      "'lab.Notice' AND t.aggregate_id = n.notice_id WHERE n.due_at IS NOT NULL AND t.due_at IS "
      "NULL"}},
    {"a trend point is as sensitive as its report",
     {"check.PointSensitivity",
      "SELECT COUNT(*) FROM yilian_lab.trend_point p JOIN yilian_lab.report r ON r.report_id = "
      "p.report_id WHERE p.sensitivity <> r.sensitivity"}},
    {"what was decided about recognition is what is counted",
     {"check.RecognitionCounted",
      "SELECT COUNT(*) FROM (SELECT c.organization_id FROM yilian_lab.recognition_count c LEFT "
      "JOIN "
      "yilian_lab.recognition_decision d ON d.organization_id = c.organization_id AND d.loinc = "
      "c.loinc AND d.reason = c.reason AND d.decided_at + INTERVAL 8 HOUR >= c.month AND "
      "d.decided_at + INTERVAL 8 HOUR < c.month + INTERVAL 1 MONTH GROUP BY c.organization_id, "
      "c.month, c.loinc, c.reason, c.decided, c.saved_fen HAVING COUNT(d.decision_id) <> c.decided "
      "OR COALESCE(SUM(d.saved_fen), 0) <> c.saved_fen) differs"}},
    {"every patient a referral is about is known to the directory",
     {"check.ReferralPatient",
      "SELECT COUNT(*) FROM yilian_referral.referral r LEFT JOIN yilian_directory.patient p ON "
      "p.patient_id = "
      "r.patient_id WHERE p.patient_id IS NULL"}},
    {"a merged record names a live one",
     {"check.MergedNamesLive",
      "SELECT COUNT(*) FROM yilian_directory.patient m LEFT JOIN yilian_directory.patient s ON "
      "s.patient_id = m.merged_into WHERE m.merged_into IS NOT NULL AND (s.patient_id IS NULL OR "
      "s.merged_into IS NOT NULL)"}},
    {"every patient a report is about is known to the directory",
     {"check.ReportPatient",
      "SELECT COUNT(*) FROM yilian_lab.report r LEFT JOIN yilian_directory.patient p ON "
      "p.patient_id = r.patient_id "
      "WHERE p.patient_id IS NULL"}},
};

// Columns of other schemas that name a patient, whatever table they are in: a table that is new is
// checked from its first day.
constexpr mysql::Query kPatientColumns{
    "check.PatientColumns",
    "SELECT table_schema, table_name, column_name FROM information_schema.columns "
    "WHERE table_schema IN ('yilian_referral', 'yilian_scheduling', 'yilian_consultation', "
    "'yilian_lab', 'yilian_gateway') AND column_name = 'patient_id' AND table_name <> "
    "'merged_patient' ORDER BY table_schema, table_name"};

// In each schema: every aggregate change has its event, and events are numbered without gaps.
constexpr mysql::Query kGaps{
    "check.Gaps",
    "SELECT COALESCE(MAX(position), 0) - COUNT(position) FROM outbox WHERE position IS NOT NULL"};
constexpr mysql::Query kTwiceInVersion{
    "check.OneEventAVersion",
    "SELECT COUNT(*) FROM (SELECT aggregate_type, aggregate_id, aggregate_version, type FROM "
    "outbox GROUP BY "
    "aggregate_type, aggregate_id, aggregate_version, type HAVING COUNT(*) > 1) twice"};

// Days and months, to which everything that is counted is added.
#define YILIAN_GRAINS "(SELECT 'D' AS grain UNION ALL SELECT 'M') g"
#define YILIAN_PERIOD(day) \
  "IF(g.grain = 'D', CAST(" day " AS CHAR), DATE_FORMAT(" day ", '%Y-%m-01'))"

// In the schema of `referral`; each reads one snapshot, so that what follows events meanwhile does
// not disturb it. `yilianctl statistics rebuild` mends all three.
constexpr Invariant kStatistics[] = {
    {"the statistics are the sum of what was counted",
     {"check.StatisticsDrift",
      "SELECT COUNT(*) FROM (SELECT grain, period, organization_id, department_id FROM ("
      "SELECT grain, CAST(period AS CHAR) AS period, organization_id, department_id, received, "
      "answered_in_time, answered, completed_in_time, completed, rated, satisfied, rejected, "
      "returned, slots_not_found, responses_owed, patient_rated, patient_score, contacted, "
      "contact_reached FROM referral_statistic UNION ALL "
      "SELECT g.grain, " YILIAN_PERIOD(
          "c.day") ", c.organization_id, c.department_id, -1, "
                   "-c.answered_in_time, -c.answered, -c.completed_in_time, -c.completed, "
                   "-c.rated, "
                   "-c.satisfied, 0, 0, 0, -c.response_owed, -c.patient_rated, "
                   "-c.patient_score, -c.contacted, -c.contact_reached "
                   "FROM referral_counted c CROSS JOIN " YILIAN_GRAINS " UNION ALL "
                   "SELECT g.grain, " YILIAN_PERIOD(
                       "f.day") ", f.organization_id, f.department_id, 0, "
                                "-f.answered_in_time, -f.answered, 0, 0, 0, 0, -(f.kind = 1), "
                                "-(f.kind = 2), -(f.kind = 3), -f.response_owed, 0, 0, 0, 0 "
                                "FROM referral_fact f CROSS JOIN " YILIAN_GRAINS
                                ") parts GROUP BY grain, period, organization_id, department_id "
                                "HAVING SUM(received) <> 0 OR SUM(answered_in_time) <> 0 OR "
                                "SUM(answered) <> 0 OR "
                                "SUM(completed_in_time) <> 0 OR SUM(completed) <> 0 OR SUM(rated) "
                                "<> 0 OR "
                                "SUM(satisfied) <> 0 OR SUM(rejected) <> 0 OR SUM(returned) <> 0 "
                                "OR "
                                "SUM(slots_not_found) <> 0 OR SUM(responses_owed) <> 0 OR "
                                "SUM(patient_rated) <> 0 OR SUM(patient_score) <> 0 OR "
                                "SUM(contacted) <> 0 OR SUM(contact_reached) <> 0) drift"}},
    {"the statistics' histograms are the sum of what was counted",
     {"check.HistogramDrift",
      "SELECT COUNT(*) FROM (SELECT grain, period, organization_id, department_id, kind, bucket "
      "FROM (SELECT grain, CAST(period AS CHAR) AS period, organization_id, department_id, kind, "
      "bucket, occurrences FROM referral_statistic_bucket UNION ALL "
      "SELECT g.grain, " YILIAN_PERIOD(
          "c.day") ", c.organization_id, c.department_id, 1, "
                   "c.response_bucket, -1 FROM referral_counted c CROSS JOIN " YILIAN_GRAINS
                   " WHERE c.response_bucket IS NOT NULL UNION ALL "
                   "SELECT g.grain, " YILIAN_PERIOD(
                       "f.day") ", f.organization_id, f.department_id, f.kind + 1, "
                                "f.reason, -1 FROM referral_fact f CROSS JOIN " YILIAN_GRAINS
                                " WHERE f.kind IN (1, 2) UNION ALL "
                                "SELECT g.grain, " YILIAN_PERIOD(
                                    "f.day") ", f.organization_id, f.department_id, 1, "
                                             "f.response_bucket, -1 FROM referral_fact f "
                                             "CROSS JOIN " YILIAN_GRAINS
                                             " WHERE f.response_bucket IS NOT NULL) parts GROUP BY "
                                             "grain, period, "
                                             "organization_id, department_id, kind, "
                                             "bucket HAVING SUM(occurrences) <> 0) drift"}},
    {"every submitted referral is counted as it stands (no event under way)",
     {"check.CountedAsItStands",
      "SELECT COUNT(*) FROM referral r LEFT JOIN referral_counted c ON c.referral_id = "
      "r.referral_id WHERE r.submitted_at IS NOT NULL AND (c.referral_id IS NULL OR "
      "c.organization_id <> r.receiving_organization_id OR "
      "c.response_owed <> (r.response_due_at IS NOT NULL) OR "
      "c.answered <> (r.first_response_at IS NOT NULL AND r.response_due_at IS NOT NULL) OR "
      "c.answered_in_time <> COALESCE(r.first_response_at <= r.response_due_at, FALSE) OR "
      "c.completed <> (r.completed_at IS NOT NULL) OR "
      "c.completed_in_time <> (r.completed_at IS NOT NULL AND r.completed_in_time) OR "
      "c.patient_score <> COALESCE((SELECT p.score FROM patient_rating p WHERE p.referral_id = "
      "r.referral_id), 0) OR "
      "c.contacted <> EXISTS (SELECT 1 FROM closing_contact t WHERE t.referral_id = "
      "r.referral_id) OR "
      "c.rated <> (r.referrer_score IS NOT NULL) + (EXISTS (SELECT 1 FROM patient_rating p WHERE "
      "p.referral_id = r.referral_id) OR EXISTS (SELECT 1 FROM closing_contact t WHERE "
      "t.referral_id = r.referral_id AND t.satisfaction <> 0))) AND "
      "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.position IS NULL) AND "
      "(SELECT COALESCE(MAX(position), 0) FROM outbox) <= (SELECT position FROM consumer_cursor "
      "WHERE consumer = 'referral.statistics')"}},
};

absl::StatusOr<int64_t> Count(mysql::Session& session, const mysql::Query& query) {
  int64_t count = 0;
  RETURN_IF_ERROR(session.SelectValues(query, {}, [&](const mysql::Row& row) {
    count = row.Int(0);
    return absl::OkStatus();
  }));
  return count;
}

// Rows that still name a record which was merged, in every table that names patients.
absl::StatusOr<int64_t> RowsOfMergedPatients(mysql::Session& session) {
  std::vector<std::string> queries;
  RETURN_IF_ERROR(session.SelectValues(kPatientColumns, {}, [&](const mysql::Row& row) {
    queries.push_back(fmt::format(
        "SELECT COUNT(*) FROM {}.{} t JOIN yilian_directory.patient p ON p.patient_id = t.{} "
        "WHERE p.merged_into IS NOT NULL",
        row.Text(0), row.Text(1), row.Text(2)));
    return absl::OkStatus();
  }));
  if (queries.empty()) return absl::FailedPreconditionError("no schema names patients");
  int64_t rows = 0;
  for (const std::string& sql : queries) {
    ASSIGN_OR_RETURN(const int64_t found, Count(session, {"check.RowsOfMerged", sql}));
    rows += found;
  }
  return rows;
}

absl::Status Check(const Region& region, const Arguments&) {
  std::vector<std::vector<std::string>> rows;
  int broken = 0;
  const auto note = [&](const std::string& where, std::string_view what, int64_t violations) {
    rows.push_back({where, std::string(what),
                    violations == 0 ? "holds" : fmt::format("BROKEN {} times", violations)});
    if (violations != 0) ++broken;
  };
  const absl::Time deadline = absl::Now() + absl::Minutes(10);
  ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> all, region.Audit("referral"));
  RETURN_IF_ERROR(mysql::RunRead(*all, deadline, [&](mysql::Session& session) -> absl::Status {
    for (const Invariant& invariant : kInvariants) {
      ASSIGN_OR_RETURN(const int64_t violations, Count(session, invariant.violations));
      note("region", invariant.name, violations);
    }
    ASSIGN_OR_RETURN(const int64_t left, RowsOfMergedPatients(session));
    note("region", "no row of any service names a record that was merged (no event under way)",
         left);
    return absl::OkStatus();
  }));
  for (const std::string& service : ServiceNames()) {
    ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region.Audit(service));
    RETURN_IF_ERROR(mysql::RunRead(*pool, deadline, [&](mysql::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t gaps, Count(session, kGaps));
      note(service, "events are numbered without gaps", gaps);
      ASSIGN_OR_RETURN(const int64_t twice, Count(session, kTwiceInVersion));
      note(service, "no event stands twice", twice);
      ASSIGN_OR_RETURN(const audit::Verification chain, audit::Verify(session));
      note(service, "the audit chain verifies", chain.fault.empty() ? 0 : 1);
      if (service != "referral") return absl::OkStatus();
      for (const Invariant& invariant : kStatistics) {
        ASSIGN_OR_RETURN(const int64_t violations, Count(session, invariant.violations));
        note(service, invariant.name, violations);
      }
      return absl::OkStatus();
    }));
  }
  PrintTable({"WHERE", "INVARIANT", ""}, rows);
  if (broken > 0) return absl::DataLossError(fmt::format("{} invariant(s) are broken", broken));
  return absl::OkStatus();
}

}  // namespace

void AddCheckCommands(std::vector<Command>& commands) {
  commands.push_back(
      {.name = "check",
       .usage = "",
       .explanation = "Reads all schemas and proves the invariants that cross services.",
       .run = Check});
}

}  // namespace yilian::ctl
