#include "services/lab/rpc/sharing_handlers.h"

#include <optional>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/lab/domain/errors.h"

namespace yilian::lab {
namespace {

v1::SensitiveCode ToProto(const StoredSensitiveCode& stored) {
  v1::SensitiveCode out;
  out.set_code_system(stored.code.system);
  out.set_code(stored.code.code);
  if (stored.code.sensitive_class) {
    out.set_sensitive_class(static_cast<v1::SensitiveClass>(*stored.code.sensitive_class));
  }
  out.set_etag(stored.etag());
  out.mutable_run()->set_seen(stored.run.seen);
  out.mutable_run()->set_changed(stored.run.changed);
  if (stored.run.finished_at) {
    wire::SetTime(out.mutable_run()->mutable_finished_at(), *stored.run.finished_at);
  }
  return out;
}

v1::SensitiveGrant ToProto(const SensitiveGrant& grant) {
  v1::SensitiveGrant out;
  out.set_grant_id(grant.id.ToString());
  out.set_patient_id(grant.patient.ToString());
  out.set_reader_organization_id(grant.organization.ToString());
  for (const SensitiveClass one : grant.classes.All()) {
    out.add_sensitive_classes(static_cast<v1::SensitiveClass>(one));
  }
  out.set_granting_organization_id(grant.granted_by.ToString());
  out.set_granting_practitioner_id(wire::TextOrEmpty(grant.practitioner));
  wire::SetTime(out.mutable_granted_at(), grant.granted_at);
  wire::SetTime(out.mutable_ends_at(), grant.ends_at);
  if (grant.revoked_at) wire::SetTime(out.mutable_revoked_at(), *grant.revoked_at);
  return out;
}

// System, a line feed, code.
std::string PageKeyOf(const StoredSensitiveCode& last) {
  return last.code.system + "\n" + last.code.code;
}

}  // namespace

rpc::Dispatch Bind(SharingHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.SharingService");
  dispatch.Unary("DefineSensitiveCode", &handlers, &SharingHandlers::Define)
      .Unary("ListSensitiveCodes", &handlers, &SharingHandlers::List)
      .Unary("GrantSensitiveAccess", &handlers, &SharingHandlers::Grant)
      .Unary("RevokeSensitiveAccess", &handlers, &SharingHandlers::Revoke)
      .Unary("ListSensitiveGrants", &handlers, &SharingHandlers::ListGrants);
  return dispatch;
}

absl::StatusOr<v1::SensitiveCode> SharingHandlers::Define(
    const rpc::Call& call, const v1::DefineSensitiveCodeRequest& request) {
  SensitiveCode code{.system = request.code().code_system(), .code = request.code().code()};
  if (request.code().sensitive_class() != v1::SENSITIVE_CLASS_UNSPECIFIED) {
    code.sensitive_class = static_cast<SensitiveClass>(request.code().sensitive_class());
  }
  RETURN_IF_ERROR(code.Check());
  return store_.Define<v1::SensitiveCode>(
      call.write_context(), code, request.code().etag(),
      [](const StoredSensitiveCode& after) { return ToProto(after); });
}

absl::StatusOr<v1::ListSensitiveCodesResponse> SharingHandlers::List(
    const rpc::Call& call, const v1::ListSensitiveCodesRequest& request) {
  const wire::Pages pages(sealer_, call, request);
  SensitiveCodesQuery query{.limit = pages.rows()};
  ASSIGN_OR_RETURN(const std::optional<std::string> after, pages.AfterText());
  if (after) {
    const size_t end = after->find('\n');
    if (end == std::string::npos) return absl::InternalError("a sealed page key does not parse");
    query.after_system = after->substr(0, end);
    query.after_code = after->substr(end + 1);
  }
  ASSIGN_OR_RETURN(std::vector<StoredSensitiveCode> found, store_.List(query, call.deadline()));
  v1::ListSensitiveCodesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, PageKeyOf));
  for (const StoredSensitiveCode& one : found) *response.add_codes() = ToProto(one);
  return response;
}

absl::StatusOr<v1::SensitiveGrant> SharingHandlers::Grant(
    const rpc::Call& call, const v1::GrantSensitiveAccessRequest& request) {
  NewGrant grant{.ends_at = wire::ToTime(request.ends_at()),
                 .by = OrganizationId(call.caller().organization_id),
                 .practitioner = PractitionerId(call.caller().practitioner_id)};
  ASSIGN_OR_RETURN(grant.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(grant.organization, OrganizationId::Parse(request.reader_organization_id()));
  for (const int one : request.sensitive_classes()) {
    grant.classes.push_back(static_cast<SensitiveClass>(one));
  }
  return store_.Grant<v1::SensitiveGrant>(
      call.write_context(), grant, [](const SensitiveGrant& given) { return ToProto(given); });
}

absl::StatusOr<v1::SensitiveGrant> SharingHandlers::Revoke(
    const rpc::Call& call, const v1::RevokeSensitiveAccessRequest& request) {
  ASSIGN_OR_RETURN(const GrantId id, GrantId::Parse(request.grant_id()));
  return store_.Revoke<v1::SensitiveGrant>(
      call.write_context(), id, OrganizationId(call.caller().organization_id),
      [](const SensitiveGrant& after) { return ToProto(after); });
}

absl::StatusOr<v1::ListSensitiveGrantsResponse> SharingHandlers::ListGrants(
    const rpc::Call& call, const v1::ListSensitiveGrantsRequest& request) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(
      const std::vector<SensitiveGrant> found,
      store_.GrantsOf(patient, OrganizationId(call.caller().organization_id), call.deadline()));
  v1::ListSensitiveGrantsResponse response;
  for (const SensitiveGrant& one : found) {
    call.Subject("sensitive_grant", one.id.uuid(), one.patient.uuid());
    *response.add_grants() = ToProto(one);
  }
  return response;
}

}  // namespace yilian::lab
