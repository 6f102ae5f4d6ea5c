#include "services/lab/rpc/handlers.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/base/status_macros.h"
#include "common/outbox/watch.h"
#include "common/wire/pages.h"
#include "services/lab/domain/errors.h"
#include "services/lab/rpc/convert.h"

namespace yilian::lab {

rpc::Dispatch Bind(LabHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.LabService");
  dispatch.Unary("IngestReport", &handlers, &LabHandlers::Ingest)
      .Unary("GetReport", &handlers, &LabHandlers::Get)
      .Unary("ListReports", &handlers, &LabHandlers::List)
      .Unary("CheckReports", &handlers, &LabHandlers::Check);
  dispatch.Stream("WatchReports", &handlers, &LabHandlers::Watch);
  return dispatch;
}

absl::Status LabHandlers::Watch(
    const rpc::Call& call, const v1::WatchReportsRequest& request,
    std::shared_ptr<rpc::ServerStream<v1::WatchReportsResponse>> stream) {
  return outbox::StartWatch<v1::WatchReportsResponse>(
      {.feed = deps_.feed,
       .sealer = deps_.sealer,
       .purpose = "lab.watch",
       .types = {"ReportIssued", "ReportCorrected", "ReportWithdrawn"}},
      call, request.resume_token(), std::move(stream),
      [](event::v1::Event& event, v1::WatchReportsResponse& out) {
        v1::ReportChanged change;
        if (!event.payload().UnpackTo(&change)) return;
        v1::ReportEvent* shown = out.add_events();
        shown->set_event_id(std::move(*event.mutable_event_id()));
        shown->set_type(std::move(*event.mutable_type()));
        shown->mutable_occurred_at()->Swap(event.mutable_occurred_at());
        shown->mutable_change()->Swap(&change);
      });
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
  Sight sight{.organization = OrganizationId(call.caller().organization_id)};
  if (!report->IsParty(sight.organization)) {
    ASSIGN_OR_RETURN(sight, deps_.sights.OfCaller(call, report->patient));
  }
  if (!report->IsShownTo(sight)) return errors::NotFound();
  if (request.version() != 0 && request.version() != report->version) {
    ASSIGN_OR_RETURN(report, deps_.store.Get(id, request.version(), call.deadline()));
    // A version about another patient is the laboratory's own affair.
    if (!report || !report->IsShownTo(sight)) return errors::NotFound();
  }
  call.Subject("report", report->id.uuid(), report->patient.uuid());
  return convert::ToProto(*report);
}

absl::StatusOr<v1::ListReportsResponse> LabHandlers::List(const rpc::Call& call,
                                                          const v1::ListReportsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ReportsQuery query{.limit = pages.rows()};
  ASSIGN_OR_RETURN(query.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> before, pages.After());
  if (before) {
    query.before_time = before->time;
    query.before_id = ReportId(before->id);
  }
  ASSIGN_OR_RETURN(query.sight, deps_.sights.OfCaller(call, query.patient));
  ASSIGN_OR_RETURN(std::vector<Report> reports, deps_.store.List(query, call.deadline()));
  v1::ListReportsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(reports, [](const Report& last) {
                     return wire::PageKey{.time = last.issued_at, .id = last.id.uuid()};
                   }));
  for (const Report& report : reports) {
    call.Subject("report", report.id.uuid(), report.patient.uuid());
    *response.add_reports() = convert::ToProto(report);
  }
  return response;
}

absl::StatusOr<v1::CheckReportsResponse> LabHandlers::Check(
    const rpc::Call& call, const v1::CheckReportsRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization,
                   OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  std::vector<ReportId> named;
  for (const std::string& id : request.report_ids()) {
    ASSIGN_OR_RETURN(named.emplace_back(), ReportId::Parse(id));
  }
  ASSIGN_OR_RETURN(const std::vector<Report> reports,
                   deps_.store.Of(patient, named, call.deadline()));
  absl::flat_hash_set<ReportId> shown;
  std::optional<Sight> sight;
  for (const Report& report : reports) {
    if (!sight && !report.IsParty(organization)) {
      ASSIGN_OR_RETURN(sight,
                       deps_.sights.OfOrganization(report.patient, organization, call.deadline()));
    }
    if (!report.IsShownTo(sight.value_or(Sight{.organization = organization}))) continue;
    call.Subject("report", report.id.uuid(), report.patient.uuid());
    shown.insert(report.id);
  }
  v1::CheckReportsResponse response;
  for (size_t i = 0; i < named.size(); ++i) {
    if (!shown.contains(named[i])) {
      response.add_unknown_report_ids(request.report_ids(static_cast<int>(i)));
    }
  }
  return response;
}

}  // namespace yilian::lab
