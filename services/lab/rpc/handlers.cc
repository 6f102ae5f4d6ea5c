#include "services/lab/rpc/handlers.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/page_key.h"
#include "services/lab/domain/errors.h"
#include "services/lab/rpc/convert.h"

namespace yilian::lab {
namespace {

constexpr std::string_view kPurpose = "lab.page.ListReports";
constexpr int kDefaultPage = 50;

}  // namespace

rpc::Dispatch Bind(LabHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.LabService");
  dispatch.Unary("IngestReport", &handlers, &LabHandlers::Ingest)
      .Unary("GetReport", &handlers, &LabHandlers::Get)
      .Unary("ListReports", &handlers, &LabHandlers::List);
  return dispatch;
}

absl::StatusOr<bool> LabHandlers::CaresFor(const rpc::Call& call, PatientId patient) {
  return deps_.relationships.MaySee(patient.uuid(), call.caller().organization_id, call.deadline());
}

absl::StatusOr<v1::Report> LabHandlers::Ingest(const rpc::Call& call,
                                               const v1::IngestReportRequest& request) {
  ASSIGN_OR_RETURN(const IncomingReport incoming, convert::ToDomain(request));
  const rpc::Caller& caller = call.caller();
  // `gateway` speaks for the laboratory whose message it received.
  if (!caller.is_service() && incoming.performing_organization.uuid() != caller.organization_id) {
    return errors::ForeignOrganization();
  }
  return deps_.store.TakeIn<v1::Report>(call.write_context(), incoming, [](const Report& report) {
    return convert::ToProto(report);
  });
}

absl::StatusOr<v1::Report> LabHandlers::Get(const rpc::Call& call,
                                            const v1::GetReportRequest& request) {
  ASSIGN_OR_RETURN(const ReportId id, ReportId::Parse(request.report_id()));
  // Who may see a report is decided by the version that readers see now, also for an earlier one.
  ASSIGN_OR_RETURN(std::optional<Report> report, deps_.store.Get(id, 0, call.deadline()));
  if (!report) return errors::NotFound();
  const OrganizationId reader(call.caller().organization_id);
  bool cares = false;
  if (!report->IsParty(reader)) {
    ASSIGN_OR_RETURN(cares, CaresFor(call, report->patient));
  }
  if (!report->IsShownTo(reader, cares)) return errors::NotFound();
  if (request.version() != 0 && request.version() != report->version) {
    ASSIGN_OR_RETURN(report, deps_.store.Get(id, request.version(), call.deadline()));
    // A version about another patient is the laboratory's own affair.
    if (!report || !report->IsShownTo(reader, cares)) return errors::NotFound();
  }
  call.Subject("report", report->id.uuid(), report->patient.uuid());
  return convert::ToProto(*report);
}

absl::StatusOr<v1::ListReportsResponse> LabHandlers::List(const rpc::Call& call,
                                                          const v1::ListReportsRequest& request) {
  ReportsQuery query;
  ASSIGN_OR_RETURN(query.patient, PatientId::Parse(request.patient_id()));
  query.limit = request.page().page_size() > 0 ? request.page().page_size() : kDefaultPage;
  const std::string bound_to =
      fmt::format("{} {}", call.caller().LedgerName(), request.patient_id());
  if (!request.page().page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string key,
                     deps_.sealer.Unseal(kPurpose, bound_to, request.page().page_token()));
    const auto parts = wire::ParsePageKey(key);
    if (!parts) return errors::FieldInvalid({{"page.page_token", "is one that this method gave"}});
    query.before_time = parts->time;
    query.before_id = ReportId(parts->id);
  }
  ASSIGN_OR_RETURN(const bool cares, CaresFor(call, query.patient));
  if (!cares) query.party_only = OrganizationId(call.caller().organization_id);
  ASSIGN_OR_RETURN(const std::vector<Report> reports, deps_.store.List(query, call.deadline()));
  v1::ListReportsResponse response;
  for (const Report& report : reports) {
    call.Subject("report", report.id.uuid(), report.patient.uuid());
    *response.add_reports() = convert::ToProto(report);
  }
  if (static_cast<int>(reports.size()) == query.limit) {
    ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                     deps_.sealer.Seal(kPurpose, bound_to,
                                       wire::MakePageKey({.time = reports.back().issued_at,
                                                          .id = reports.back().id.uuid()})));
  }
  return response;
}

}  // namespace yilian::lab
