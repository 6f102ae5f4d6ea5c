#include "services/directory/rpc/access_handlers.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/directory/domain/errors.h"
#include "services/directory/rpc/access_convert.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {

using convert::ActorOf;
using convert::ToProto;

namespace {

// The ledger keeps no words about a patient.
v1::Consent ForLedger(const Consent& consent) {
  v1::Consent answer = ToProto(consent);
  answer.clear_evidence();
  return answer;
}

bool IsAuditor(const rpc::Call& call) { return call.caller().HasRole(policy::v1::ROLE_AUDITOR); }

}  // namespace

rpc::Dispatch Bind(AccessHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.AccessService");
  dispatch.Unary("ListCareRelationships", &handlers, &AccessHandlers::ListCareRelationships)
      .Unary("RecordAdmission", &handlers, &AccessHandlers::RecordAdmission)
      .Unary("RecordDischarge", &handlers, &AccessHandlers::RecordDischarge)
      .Unary("CancelAdmission", &handlers, &AccessHandlers::CancelAdmission)
      .Unary("CancelDischarge", &handlers, &AccessHandlers::CancelDischarge)
      .Unary("RecordConsent", &handlers, &AccessHandlers::RecordConsent)
      .Unary("RevokeConsent", &handlers, &AccessHandlers::RevokeConsent)
      .Unary("ListConsents", &handlers, &AccessHandlers::ListConsents)
      .Unary("CheckConsent", &handlers, &AccessHandlers::CheckConsent)
      .Unary("BreakGlass", &handlers, &AccessHandlers::BreakGlass)
      .Unary("ListGlassReviews", &handlers, &AccessHandlers::ListGlassReviews)
      .Unary("ReviewGlass", &handlers, &AccessHandlers::ReviewGlass)
      .Unary("ListRecordAccesses", &handlers, &AccessHandlers::ListRecordAccesses);
  return dispatch;
}

absl::StatusOr<v1::ListCareRelationshipsResponse> AccessHandlers::ListCareRelationships(
    const rpc::Call& call, const v1::ListCareRelationshipsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  CareQuery query{.include_ended = request.include_ended(), .limit = pages.rows()};
  ASSIGN_OR_RETURN(query.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) query.after = {after->time, after->id};
  ASSIGN_OR_RETURN(std::vector<NamedCareRelationship> found,
                   deps_.directory.ListCare(query, ActorOf(call.caller()), IsAuditor(call),
                                            deps_.unit.clock().Now(), call.deadline()));
  v1::ListCareRelationshipsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const NamedCareRelationship& last) {
                     return wire::PageKey{.time = last.relationship.started_at,
                                          .id = last.relationship.id};
                   }));
  for (const NamedCareRelationship& one : found) {
    *response.add_care_relationships() = ToProto(one.relationship, one.organization_name);
  }
  call.Subject("care_relationship", base::Uuid(), query.patient.uuid());
  return response;
}

template <typename Request>
absl::StatusOr<v1::Admission> AccessHandlers::Hear(const rpc::Call& call, const Request& request) {
  const Actor actor = ActorOf(call.caller());
  const absl::Time now = deps_.unit.clock().Now();
  ASSIGN_OR_RETURN(const StayNews news, convert::ToDomain(request, now));
  RETURN_IF_ERROR(CheckStay(news, actor, now));
  return deps_.unit.Run<v1::Admission>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Admission> {
        ASSIGN_OR_RETURN(const Admission stay, deps_.admissions.Hear(scope, news, actor));
        return ToProto(stay);
      });
}

absl::StatusOr<v1::Admission> AccessHandlers::RecordAdmission(
    const rpc::Call& call, const v1::RecordAdmissionRequest& request) {
  return Hear(call, request);
}

absl::StatusOr<v1::Admission> AccessHandlers::RecordDischarge(
    const rpc::Call& call, const v1::RecordDischargeRequest& request) {
  return Hear(call, request);
}

absl::StatusOr<v1::Admission> AccessHandlers::CancelAdmission(
    const rpc::Call& call, const v1::CancelAdmissionRequest& request) {
  return Hear(call, request);
}

absl::StatusOr<v1::Admission> AccessHandlers::CancelDischarge(
    const rpc::Call& call, const v1::CancelDischargeRequest& request) {
  return Hear(call, request);
}

absl::StatusOr<v1::Consent> AccessHandlers::RecordConsent(const rpc::Call& call,
                                                          const v1::RecordConsentRequest& request) {
  const Actor actor = ActorOf(call.caller());
  const absl::Time now = deps_.unit.clock().Now();
  ASSIGN_OR_RETURN(const Consent consent, convert::ToDomain(request, actor, now));
  RETURN_IF_ERROR(Check(consent, now));
  ASSIGN_OR_RETURN(
      v1::Consent answer,
      deps_.unit.Run<v1::Consent>(call.write_context(),
                                  [&](unit::Scope& scope) -> absl::StatusOr<v1::Consent> {
                                    RETURN_IF_ERROR(deps_.consents.Record(scope, consent, actor));
                                    return ForLedger(consent);
                                  }));
  answer.set_evidence(request.evidence());
  return answer;
}

absl::StatusOr<v1::Consent> AccessHandlers::RevokeConsent(const rpc::Call& call,
                                                          const v1::RevokeConsentRequest& request) {
  ASSIGN_OR_RETURN(const ConsentId id, ConsentId::Parse(request.consent_id()));
  std::string evidence;  // not known where a repeated request gets the first answer
  ASSIGN_OR_RETURN(
      v1::Consent answer,
      deps_.unit.Run<v1::Consent>(
          call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Consent> {
            ASSIGN_OR_RETURN(const Consent revoked, deps_.consents.Revoke(scope, id, request.etag(),
                                                                          ActorOf(call.caller())));
            evidence = revoked.evidence;
            return ForLedger(revoked);
          }));
  answer.set_evidence(evidence);
  return answer;
}

absl::StatusOr<v1::ListConsentsResponse> AccessHandlers::ListConsents(
    const rpc::Call& call, const v1::ListConsentsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ConsentsQuery query{.as_auditor = IsAuditor(call), .limit = pages.rows()};
  ASSIGN_OR_RETURN(query.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) query.after = {after->time, ConsentId(after->id)};
  ASSIGN_OR_RETURN(std::vector<Consent> found,
                   deps_.consents.List(query, ActorOf(call.caller()), deps_.unit.clock().Now(),
                                       call.deadline()));
  v1::ListConsentsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Consent& last) {
                     return wire::PageKey{.time = last.recorded_at, .id = last.id.uuid()};
                   }));
  for (const Consent& one : found) {
    call.Subject("consent", one.id.uuid(), one.patient.uuid());
    *response.add_consents() = ToProto(one);
  }
  return response;
}

absl::StatusOr<v1::CheckConsentResponse> AccessHandlers::CheckConsent(
    const rpc::Call& call, const v1::CheckConsentRequest& request) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(const OrganizationId organization,
                   OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(
      const bool allowed,
      deps_.consents.Allows(patient, organization, static_cast<ConsentPurpose>(request.purpose()),
                            deps_.unit.clock().Now(), call.deadline()));
  v1::CheckConsentResponse response;
  response.set_allowed(allowed);
  return response;
}

absl::StatusOr<v1::BrokenGlass> AccessHandlers::BreakGlass(const rpc::Call& call,
                                                           const v1::BreakGlassRequest& request) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  const Actor actor = ActorOf(call.caller());
  return deps_.unit.Run<v1::BrokenGlass>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::BrokenGlass> {
        const BrokenGlass glass =
            Break(deps_.glass_rules, patient, actor, static_cast<GlassReason>(request.reason()),
                  request.explanation(), scope.now());
        RETURN_IF_ERROR(deps_.glasses.Add(scope, glass));
        v1::BrokenGlass answer = ToProto(glass);
        // The ledger keeps no words about a patient.
        answer.clear_explanation();
        return answer;
      });
}

absl::StatusOr<v1::ListGlassReviewsResponse> AccessHandlers::ListGlassReviews(
    const rpc::Call& call, const v1::ListGlassReviewsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  GlassReviewsQuery query{.include_reviewed = request.include_reviewed(), .limit = pages.rows()};
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) query.after = {after->time, BrokenGlassId(after->id)};
  ASSIGN_OR_RETURN(std::vector<BrokenGlass> found, deps_.glasses.List(query, call.deadline()));
  v1::ListGlassReviewsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const BrokenGlass& last) {
                     return wire::PageKey{.time = last.review_due_at, .id = last.id.uuid()};
                   }));
  for (const BrokenGlass& one : found) {
    call.Subject("broken_glass", one.id.uuid(), one.patient.uuid());
    *response.add_broken_glasses() = ToProto(one);
  }
  return response;
}

absl::StatusOr<v1::BrokenGlass> AccessHandlers::ReviewGlass(const rpc::Call& call,
                                                            const v1::ReviewGlassRequest& request) {
  ASSIGN_OR_RETURN(const BrokenGlassId id, BrokenGlassId::Parse(request.broken_glass_id()));
  return deps_.unit.Run<v1::BrokenGlass>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::BrokenGlass> {
        const GlassReview review{.verdict = static_cast<GlassVerdict>(request.verdict()),
                                 .comment = request.comment(),
                                 .reviewer = UserId(call.caller().user_id),
                                 .at = scope.now()};
        ASSIGN_OR_RETURN(const BrokenGlass reviewed,
                         deps_.glasses.Review(scope, id, request.etag(), review));
        v1::BrokenGlass answer = ToProto(reviewed);
        answer.clear_explanation();
        answer.clear_review_comment();
        return answer;
      });
}

absl::StatusOr<v1::ListRecordAccessesResponse> AccessHandlers::ListRecordAccesses(
    const rpc::Call& call, const v1::ListRecordAccessesRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  AccessesQuery query{.limit = pages.rows()};
  ASSIGN_OR_RETURN(query.records,
                   deps_.directory.RecordsOf(patient, ActorOf(call.caller()), IsAuditor(call),
                                             deps_.unit.clock().Now(), call.deadline()));
  if (request.has_period()) {
    query.not_before = wire::ToTime(request.period().start());
    query.before = wire::ToTime(request.period().end());
    if (*query.before <= *query.not_before) {
      return errors::FieldInvalid({{"period.end", "is after the start"}});
    }
  }
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.before = after->time;
    query.before_id = after->id;
  }
  MergedAccesses merged = ListAccesses(deps_.trails, query, call.deadline());
  v1::ListRecordAccessesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(merged.accesses, [](const RecordAccess& last) {
                     return wire::PageKey{.time = last.occurred_at, .id = last.audit_id};
                   }));
  RETURN_IF_ERROR(deps_.directory.AddNames(merged.accesses, call.deadline()));
  for (const RecordAccess& one : merged.accesses) *response.add_accesses() = ToProto(one);
  for (const MergedAccesses::Missing& one : merged.missing) {
    v1::MissingTrail& missing = *response.add_missing();
    missing.set_service(one.service);
    missing.set_reason(one.reason);
  }
  response.set_complete(merged.missing.empty());
  call.Subject("record_accesses", patient.uuid(), patient.uuid());
  return response;
}

}  // namespace yilian::directory
