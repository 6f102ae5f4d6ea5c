#include "services/lab/store/sensitivity.h"

#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/relationship/merges.h"
#include "common/relationship/projection.h"
#include "common/saga/timer.h"
#include "services/lab/store/mapping_queries.h"
#include "services/lab/store/report_loading.h"
#include "services/lab/store/trend_points.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// Index: primary key.
constexpr Query kHold{"lab.HoldSensitiveCodes",
                      "SELECT gate FROM sensitive_gate WHERE gate = 0 LOCK IN SHARE MODE"};
constexpr Query kShut{"lab.ShutSensitiveCodes",
                      "SELECT gate FROM sensitive_gate WHERE gate = 0 FOR UPDATE"};
// All versions: what was of a class once stays of it. Index: primary key of observation and report,
// then uq_sensitive_code__code for each code.
constexpr Query kClasses{
    "lab.ClassesOfReport",
    "SELECT s.class FROM observation o STRAIGHT_JOIN sensitive_code s ON s.code_system = 'LN' AND "
    "s.code = o.loinc WHERE o.report_id = ? AND s.class IS NOT NULL UNION "
    "SELECT s.class FROM observation o STRAIGHT_JOIN sensitive_code s ON s.code_system = "
    "o.code_system AND s.code = o.code WHERE o.report_id = ? AND s.class IS NOT NULL UNION "
    "SELECT s.class FROM report r STRAIGHT_JOIN sensitive_code s ON s.code_system = r.code_system "
    "AND s.code = r.code WHERE r.report_id = ? AND s.class IS NOT NULL"};
// Index: primary key.
constexpr Query kMark{"lab.MarkSensitive", "UPDATE report SET sensitivity = ? WHERE report_id = ?"};
// Index: ix_sensitive_grant__patient.
constexpr Query kGranted{"lab.GrantedClasses",
                         "SELECT classes FROM sensitive_grant WHERE patient_id = ? AND "
                         "organization_id = ? AND revoked_at IS NULL AND ends_at > ?"};

// Index: primary key.
constexpr Query kLockRun{"lab.LockSensitivityRun",
                         "SELECT code_system, code, run_report_id FROM sensitive_code WHERE "
                         "code_id = ? FOR UPDATE"};
// Index: primary key of report, from where the walk is.
constexpr Query kStretch{"lab.SensitivityStretch",
                         "SELECT MAX(s.report_id), COUNT(*) FROM (SELECT report_id FROM report "
                         "WHERE report_id > ? ORDER BY report_id LIMIT ?) s"};
// Reports of the stretch with the code. Index: primary key of report, then of observation.
constexpr Query kWithCode{
    "lab.ReportsWithCode",
    "SELECT r.report_id FROM report r WHERE r.report_id > ? AND r.report_id <= ? AND "
    "((r.code_system "
    "= ? AND r.code = ?) OR EXISTS (SELECT 1 FROM observation o WHERE o.report_id = r.report_id "
    "AND "
    "((o.code_system = ? AND o.code = ?) OR (? = 'LN' AND o.loinc = ?)))) ORDER BY r.report_id"};
constexpr Query kAdvance{"lab.AdvanceSensitivityRun",
                         "UPDATE sensitive_code SET run_report_id = ?, run_seen = run_seen + ?, "
                         "run_changed = run_changed + ?, run_finished_at = ? WHERE code_id = ?"};

// Reports that one step passes: about 20,000 observations.
constexpr int kStretchReports = 1000;

struct Walk {
  std::string system;
  std::string code;
  ReportId done;
};

// Nobody changes a code's class until the transaction ends.
absl::Status HoldSensitiveCodes(mysql::Session& session) {
  return session.SelectValues(kHold, {}, [](const mysql::Row&) { return absl::OkStatus(); });
}

// Whether the report's classes changed.
absl::StatusOr<bool> MarkAnew(mysql::Session& session, ReportId id) {
  ASSIGN_OR_RETURN(
      const std::optional<ReportId> locked,
      session.SelectOne<ReportId>(
          queries::kLockReport, [](const mysql::Row& row) { return row.Id<ReportId>(0); }, id));
  if (!locked) return false;
  ASSIGN_OR_RETURN(const std::optional<Report> before, LoadReport(session, id, 0));
  if (!before) return absl::DataLossError("a report's current version is missing");
  Report after = *before;
  ASSIGN_OR_RETURN(const bool changed, MarkSensitive(session, after));
  if (!changed) return false;
  RETURN_IF_ERROR(relationship::HoldBeside(session, before->patient.uuid()));
  RETURN_IF_ERROR(ReplacePoints(session, &*before, after));
  return true;
}

}  // namespace

void AddSight(const Sight& sight, mysql::Values& values) {
  values.insert(values.end(),
                {sight.cares, ~sight.granted.bits, sight.organization, sight.organization});
}

absl::Status ShutSensitiveCodes(mysql::Session& session) {
  return session.SelectValues(kShut, {}, [](const mysql::Row&) { return absl::OkStatus(); });
}

absl::StatusOr<bool> MarkSensitive(mysql::Session& session, Report& report) {
  RETURN_IF_ERROR(HoldSensitiveCodes(session));
  ClassSet classes;
  RETURN_IF_ERROR(
      session.SelectValues(kClasses, {report.id, report.id, report.id}, [&](const mysql::Row& row) {
        classes.Add(static_cast<SensitiveClass>(row.Int(0)));
        return absl::OkStatus();
      }));
  if (classes == report.sensitive) return false;
  report.sensitive = classes;
  RETURN_IF_ERROR(session.Execute(kMark, classes.bits, report.id).status());
  return true;
}

absl::StatusOr<ClassSet> GrantedTo(mysql::Session& session, PatientId patient,
                                   OrganizationId organization, absl::Time at) {
  ClassSet granted;
  RETURN_IF_ERROR(
      session.SelectValues(kGranted, {patient, organization, at}, [&](const mysql::Row& row) {
        granted.bits |= static_cast<uint32_t>(row.Int(0));
        return absl::OkStatus();
      }));
  return granted;
}

absl::StatusOr<std::vector<base::Uuid>> CaringReaders(mysql::Session& session, PatientId patient,
                                                      ClassSet sensitive, absl::Time at) {
  ASSIGN_OR_RETURN(std::vector<base::Uuid> caring,
                   relationship::OrganizationsOf(session, patient.uuid(), at));
  if (sensitive.empty()) return caring;
  std::vector<base::Uuid> readers;
  for (const base::Uuid& organization : caring) {
    ASSIGN_OR_RETURN(const ClassSet granted,
                     GrantedTo(session, patient, OrganizationId(organization), at));
    if (granted.Covers(sensitive)) readers.push_back(organization);
  }
  return readers;
}

absl::Status SetSensitivityTimer(mysql::Session& session, SensitiveCodeId id, absl::Time at) {
  return saga::SetTimer(session, {.kind = std::string(kSensitivityTimer),
                                  .aggregate_id = id.uuid(),
                                  .name = "run",
                                  .due_at = at});
}

absl::Status RunSensitivity(mysql::Session& session, SensitiveCodeId id, absl::Time at) {
  // Before the code's row: who changes a class locks them in this order.
  RETURN_IF_ERROR(HoldSensitiveCodes(session));
  ASSIGN_OR_RETURN(const std::optional<Walk> walk, session.SelectOne<Walk>(
                                                       kLockRun,
                                                       [](const mysql::Row& row) {
                                                         return Walk{.system = row.Text(0),
                                                                     .code = row.Text(1),
                                                                     .done = row.Id<ReportId>(2)};
                                                       },
                                                       id));
  if (!walk) return absl::OkStatus();
  ReportId last = walk->done;
  int seen = 0;
  RETURN_IF_ERROR(
      session.SelectValues(kStretch, {walk->done, kStretchReports}, [&](const mysql::Row& row) {
        seen = static_cast<int>(row.Int(1));
        if (seen > 0) last = row.Id<ReportId>(0);
        return absl::OkStatus();
      }));
  ASSIGN_OR_RETURN(
      const std::vector<ReportId> with_code,
      session.SelectAll<ReportId>(
          kWithCode, [](const mysql::Row& row) { return row.Id<ReportId>(0); }, walk->done, last,
          walk->system, walk->code, walk->system, walk->code, walk->system, walk->code));
  int changed = 0;
  for (const ReportId report : with_code) {
    ASSIGN_OR_RETURN(const bool differs, MarkAnew(session, report));
    if (differs) ++changed;
  }
  const bool more = seen == kStretchReports;
  RETURN_IF_ERROR(
      session.Execute(kAdvance, last, seen, changed, more ? std::nullopt : std::optional(at), id)
          .status());
  return more ? SetSensitivityTimer(session, id, at) : absl::OkStatus();
}

}  // namespace yilian::lab
