#include "services/lab/store/mysql_report_store.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/relationship/merges.h"
#include "services/lab/store/mapped_terms.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_notice_store.h"
#include "services/lab/store/mysql_reference_store.h"
#include "services/lab/store/queries.h"
#include "services/lab/store/report_loading.h"
#include "services/lab/store/rows.h"
#include "services/lab/store/sensitivity.h"
#include "services/lab/store/trend_points.h"
#include "yilian/lab/v1/lab.pb.h"
#include "yilian_lab_migrations.h"

namespace yilian::lab {
namespace {

// Versions first: they are found by their report while it still names the merged record. Index:
// ix_report__patient, ix_critical_value__patient; versions and points by their primary key.
constexpr relationship::SubjectTable kPatientTables[] = {
    {.name = "report_version",
     .row_id = "report_id",
     .subject = "patient_id",
     .row_part = "version",
     .within = "t.report_id IN (SELECT report_id FROM report WHERE patient_id = ?)"},
    {.name = "report", .row_id = "report_id", .subject = "patient_id"},
    {.name = "critical_value", .row_id = "critical_value_id", .subject = "patient_id"},
    {.name = "trend_point", .row_id = "report_id", .subject = "patient_id", .row_part = "ordinal"},
    {.name = "recognition_decision", .row_id = "decision_id", .subject = "patient_id"},
    {.name = "sensitive_grant", .row_id = "grant_id", .subject = "patient_id"},
    {.name = "correction_notice", .row_id = "notice_id", .subject = "patient_id"},
};

absl::StatusOr<outbox::NewEvent> EventOf(mysql::Session& session, const Report& report,
                                         std::string type, absl::Time at) {
  v1::ReportChanged payload;
  payload.set_report_id(report.id.ToString());
  payload.set_patient_id(report.patient.ToString());
  payload.set_performing_organization_id(report.performing_organization.ToString());
  payload.set_ordering_organization_id(report.ordering_organization.ToString());
  payload.set_status(static_cast<v1::ResultStatus>(report.status));
  payload.set_version(report.version);
  ASSIGN_OR_RETURN(std::vector<base::Uuid> audience,
                   CaringReaders(session, report.patient, report.sensitive, at));
  audience.push_back(report.performing_organization.uuid());
  audience.push_back(report.ordering_organization.uuid());
  std::sort(audience.begin(), audience.end());
  audience.erase(std::unique(audience.begin(), audience.end()), audience.end());
  outbox::NewEvent event = outbox::NewEvent::Of("report", report.id.uuid(), report.version, payload,
                                                at, std::move(audience));
  event.type = std::move(type);
  return event;
}

absl::StatusOr<std::optional<KnownReport>> FindKnown(mysql::Session& session, const OrderKey& key) {
  struct Found {
    ReportId id;
    int current_version;
    int last_version;
  };
  ASSIGN_OR_RETURN(
      const std::optional<Found> found,
      session.SelectOne<Found>(
          queries::kFindForUpdate,
          [](const mysql::Row& row) -> absl::StatusOr<Found> {
            return Found{row.Id<ReportId>(0), static_cast<int>(row.Int(1)),
                         static_cast<int>(row.Int(2))};
          },
          key.performing_organization, key.filler_order_number, key.code_system, key.code));
  if (!found) return std::optional<KnownReport>();
  ASSIGN_OR_RETURN(std::optional<Report> current,
                   LoadReport(session, found->id, found->current_version));
  if (!current) return absl::DataLossError("a report's current version is missing");
  return std::optional<KnownReport>(
      {.current = *std::move(current), .last_version = found->last_version});
}

absl::Status InsertVersion(mysql::Session& session, const Report& report) {
  RETURN_IF_ERROR(
      session.ExecuteValues(queries::kInsertVersion, rows::VersionValues(report)).status());
  for (size_t from = 0; from < report.observations.size(); from += rows::kObservationsAStatement) {
    const size_t count = std::min(rows::kObservationsAStatement, report.observations.size() - from);
    const rows::ManyRows many = rows::InsertObservations(report, from, count);
    RETURN_IF_ERROR(
        session.ExecuteComposed("lab.InsertObservations", many.sql, many.values).status());
  }
  return absl::OkStatus();
}

absl::Status WriteIntake(mysql::Session& session, const Intake& intake) {
  const Report& report = intake.report;
  switch (intake.kind) {
    case Intake::Kind::kSame:
      return absl::OkStatus();
    case Intake::Kind::kFirst:
      RETURN_IF_ERROR(session
                          .Execute(queries::kInsertReport, report.id,
                                   report.performing_organization, report.filler_order_number,
                                   report.code.system, report.code.code, report.patient,
                                   report.ordering_organization, report.version, report.version,
                                   report.issued_at)
                          .status());
      break;
    case Intake::Kind::kNewVersion:
      RETURN_IF_ERROR(session
                          .Execute(queries::kShowVersion, report.patient,
                                   report.ordering_organization, report.version, report.version,
                                   report.issued_at, report.id)
                          .status());
      break;
    case Intake::Kind::kKeptAside:
      RETURN_IF_ERROR(
          session.Execute(queries::kKeepVersionAside, report.version, report.id).status());
      break;
  }
  return InsertVersion(session, report);
}

// Whom the report is about: a laboratory may name a record that was merged since it was told of it.
absl::StatusOr<PatientId> PatientOf(mysql::Session& session, const IncomingReport& incoming,
                                    const std::optional<KnownReport>& known) {
  ASSIGN_OR_RETURN(const base::Uuid survivor,
                   relationship::HoldSurvivor(session, incoming.patient.uuid()));
  if (!known || known->current.patient.uuid() == survivor) return PatientId(survivor);
  // Versions that name the merged record still: this one moves with them.
  ASSIGN_OR_RETURN(const base::Uuid of_known,
                   relationship::HoldSurvivor(session, known->current.patient.uuid()));
  return of_known == survivor ? known->current.patient : PatientId(survivor);
}

// Of which sensitive classes the report is with the version that was just written.
absl::Status FollowClasses(mysql::Session& session, const std::optional<KnownReport>& known,
                           Intake& intake) {
  intake.report.sensitive = known ? known->current.sensitive : ClassSet();
  ASSIGN_OR_RETURN(const bool changed, MarkSensitive(session, intake.report));
  if (!changed || intake.kind != Intake::Kind::kKeptAside) return absl::OkStatus();
  // What readers see has not changed; who they are has.
  Report current = known->current;
  current.sensitive = intake.report.sensitive;
  return ReplacePoints(session, &known->current, current);
}

}  // namespace

const std::vector<mysql::Migration>& LabMigrations() { return kLabMigrations; }

absl::StatusOr<std::string> MysqlReportStore::TakeInBytes(const unit::WriteContext& context,
                                                          const IncomingReport& incoming,
                                                          const RespondBytes& respond) {
  // Of two first versions at once the unique key lets one in; the other finds it the second time.
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<std::string> answer =
        unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
          ASSIGN_OR_RETURN(const Report stored, Store(scope, incoming));
          return respond(stored);
        });
    if (answer.ok()) return answer;
    if (!absl::IsAborted(answer.status()) || attempt == kAttempts) return answer;
  }
}

absl::StatusOr<Report> MysqlReportStore::Store(unit::Scope& scope, const IncomingReport& incoming) {
  ASSIGN_OR_RETURN(const std::optional<KnownReport> known, FindKnown(scope.sql(), incoming.key()));
  ASSIGN_OR_RETURN(const PatientId patient, PatientOf(scope.sql(), incoming, known));
  std::optional<IncomingReport> renamed;
  if (patient != incoming.patient) {
    renamed = incoming;
    renamed->patient = patient;
  }
  ASSIGN_OR_RETURN(Intake intake, lab::TakeIn(known, renamed ? *renamed : incoming, scope.now()));
  if (intake.kind != Intake::Kind::kSame) {
    RETURN_IF_ERROR(MapObservations(scope.sql(), intake.report.performing_organization,
                                    intake.report.observations));
    RETURN_IF_ERROR(JudgeByIntervals(scope.sql(), intake.report));
    RETURN_IF_ERROR(JudgeDeltas(scope.sql(), rules_.deltas, intake.report));
  }
  // Two first versions at once: TakeIn tries again and finds the other.
  const absl::Status written = WriteIntake(scope.sql(), intake);
  if (absl::IsAlreadyExists(written))
    return absl::AbortedError("the same report is being taken in elsewhere");
  RETURN_IF_ERROR(written);
  if (intake.kind != Intake::Kind::kSame) {
    RETURN_IF_ERROR(FollowClasses(scope.sql(), known, intake));
  }
  if (!intake.event.empty()) {
    RETURN_IF_ERROR(Park(scope.sql(), intake.report, scope.now()));
    RETURN_IF_ERROR(ReplacePoints(scope.sql(), known ? &known->current : nullptr, intake.report));
    ASSIGN_OR_RETURN(outbox::NewEvent event,
                     EventOf(scope.sql(), intake.report, intake.event, scope.now()));
    scope.Append(std::move(event));
    // What was not verified yet was read as such.
    if (known && intake.event != "ReportIssued") {
      RETURN_IF_ERROR(TellReaders(scope.sql(), known->current, intake.report, scope.now()));
    }
    // What nobody is shown is nobody's alarm: a version that is kept aside has no event.
    ASSIGN_OR_RETURN(
        std::vector<outbox::NewEvent> critical,
        FollowReportIn(scope.sql(), intake.report, known.has_value(), rules_, scope.now()));
    for (outbox::NewEvent& event : critical) scope.Append(std::move(event));
  }
  scope.Subject("report", intake.report.id.uuid(), intake.report.patient.uuid());
  return std::move(intake.report);
}

absl::StatusOr<std::optional<Report>> MysqlReportStore::Get(ReportId id, int version,
                                                            absl::Time deadline) {
  std::optional<Report> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, LoadReport(session, id, version));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<Report>> MysqlReportStore::Of(PatientId patient,
                                                         const std::vector<ReportId>& reports,
                                                         absl::Time deadline) {
  std::vector<Report> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        found.clear();
        ASSIGN_OR_RETURN(const std::optional<base::Uuid> survivor,
                         relationship::SurvivorOf(session, patient.uuid()));
        const PatientId live = survivor ? PatientId(*survivor) : patient;
        for (const ReportId id : reports) {
          ASSIGN_OR_RETURN(std::optional<Report> report,
                           session.SelectOne<Report>(queries::kGetCurrent, rows::FromRow, id));
          if (report && report->patient == live) found.push_back(*std::move(report));
        }
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<Report>> MysqlReportStore::List(const ReportsQuery& query,
                                                           absl::Time deadline) {
  std::vector<Report> reports;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        mysql::Values values = {query.patient};
        AddSight(query.sight, values);
        values.insert(values.end(),
                      {query.before_time, query.before_time, query.before_id, query.limit});
        reports.clear();
        RETURN_IF_ERROR(session.SelectValues(
            queries::kListOfPatient, values, [&](const mysql::Row& row) -> absl::Status {
              ASSIGN_OR_RETURN(reports.emplace_back(), rows::FromRow(row));
              return absl::OkStatus();
            }));
        for (Report& report : reports) RETURN_IF_ERROR(ReadObservations(session, report));
        return absl::OkStatus();
      }));
  return reports;
}

absl::Status MysqlReportStore::MovePatient(mysql::Session& session, const event::v1::Event& merge) {
  return relationship::MoveRows(session, merge, kPatientTables);
}

}  // namespace yilian::lab
