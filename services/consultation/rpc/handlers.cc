#include "services/consultation/rpc/handlers.h"

#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "services/consultation/domain/centre_errors.h"
#include "services/consultation/domain/errors.h"
#include "services/consultation/rpc/convert.h"

namespace yilian::consultation {

using convert::ActorOf;
using convert::ToDomain;
using convert::ToProto;

rpc::Dispatch Bind(ConsultationHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.consultation.v1.ConsultationService");
  dispatch.Unary("RequestConsultation", &handlers, &ConsultationHandlers::Request)
      .Unary("GetConsultation", &handlers, &ConsultationHandlers::Get)
      .Unary("ListConsultations", &handlers, &ConsultationHandlers::List)
      .Unary("ClaimConsultation", &handlers, &ConsultationHandlers::Claim)
      .Unary("ReleaseClaim", &handlers, &ConsultationHandlers::Release)
      .Unary("SaveOpinionDraft", &handlers, &ConsultationHandlers::SaveDraft)
      .Unary("SubmitFirstReading", &handlers, &ConsultationHandlers::SubmitFirstReading)
      .Unary("RecordSecondReading", &handlers, &ConsultationHandlers::RecordSecondReading)
      .Unary("SignOpinion", &handlers, &ConsultationHandlers::Sign)
      .Unary("AcknowledgeOpinion", &handlers, &ConsultationHandlers::Acknowledge)
      .Unary("DeclineConsultation", &handlers, &ConsultationHandlers::Decline)
      .Unary("CancelConsultation", &handlers, &ConsultationHandlers::Cancel);
  return dispatch;
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Run(const rpc::Call& call,
                                                           const std::string& consultation_id,
                                                           Standing standing,
                                                           std::optional<std::string_view> etag,
                                                           const Command& command) {
  ASSIGN_OR_RETURN(const ConsultationId id, ConsultationId::Parse(consultation_id));
  const Actor by = ActorOf(call.caller());
  return deps_.store.Update<v1::Consultation>(
      call.write_context(), id, by, standing, etag, command,
      [&](const Consultation& after) { return ToProto(after, by); });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Request(
    const rpc::Call& call, const v1::RequestConsultationRequest& request) {
  ASSIGN_OR_RETURN(const NewConsultation input, ToDomain(request, absl::Now()));
  const Actor by = ActorOf(call.caller());
  ASSIGN_OR_RETURN(
      const bool known,
      deps_.relationships.MaySee(input.patient.uuid(), by.organization.uuid(), call.deadline()));
  if (!known) return errors::PatientUnavailable();
  // Nothing is put to an organization that the patient said no to, whatever the doctor ticks; an
  // emergency waits for no paper. What becomes of a question that was put before:
  // Consultation::WithdrawConsent.
  constexpr auto kPurpose = directory::v1::CONSENT_PURPOSE_REMOTE_CONSULTATION;
  if (input.urgency != Urgency::kEmergency) {
    const base::Uuid to = input.consulted_organization.uuid();
    ASSIGN_OR_RETURN(const bool withdrawn, deps_.relationships.Withdrew(input.patient.uuid(), to,
                                                                        kPurpose, call.deadline()));
    if (withdrawn) return relationship::ConsentWithdrawnError(errors::kDomain, to, kPurpose);
  }
  std::optional<ReadingCentre> centre;
  if (IsReading(input.kind)) {
    ASSIGN_OR_RETURN(
        centre, deps_.centres.CentreFor(input.consulted_organization, input.kind, call.deadline()));
  }
  return deps_.store.Create<v1::Consultation>(
      call.write_context(),
      [&](absl::Time at) { return RequestConsultation(input, by, deps_.clocks, centre, at); },
      [&](const Consultation& after) { return ToProto(after, by); });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Get(
    const rpc::Call& call, const v1::GetConsultationRequest& request) {
  ASSIGN_OR_RETURN(const ConsultationId id, ConsultationId::Parse(request.consultation_id()));
  const Actor reader = ActorOf(call.caller());
  ASSIGN_OR_RETURN(const Consultation consultation,
                   deps_.store.Get(id, reader.organization, call.deadline()));
  call.Subject("consultation", consultation.id.uuid(), consultation.patient.uuid());
  return ToProto(consultation, reader);
}

absl::StatusOr<v1::ListConsultationsResponse> ConsultationHandlers::List(
    const rpc::Call& call, const v1::ListConsultationsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  const Actor reader = ActorOf(call.caller());
  WorklistQuery query{.worklist = static_cast<Worklist>(request.worklist()),
                      .organization = reader.organization,
                      .practitioner = reader.practitioner,
                      .limit = pages.rows()};
  if (query.worklist == Worklist::kReading) {
    if (request.centre_id().empty()) {
      return errors::FieldInvalid({{"centre_id", "is required for WORKLIST_READING"}});
    }
    ASSIGN_OR_RETURN(query.centre, CentreId::Parse(request.centre_id()));
    ASSIGN_OR_RETURN(const ReadingCentre centre, deps_.centres.Get(query.centre, call.deadline()));
    if (centre.organization != reader.organization) return errors::CentreNotFound();
  }
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_rank = after->rank;
    query.after_time = after->time;
    query.after_id = ConsultationId(after->id);
  }
  ASSIGN_OR_RETURN(std::vector<Consultation> found, deps_.store.List(query, call.deadline()));
  v1::ListConsultationsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Consultation& last) {
                     return wire::PageKey{.rank = last.worklist_rank(),
                                          .time = last.worklist_time(),
                                          .id = last.id.uuid()};
                   }));
  for (const Consultation& one : found) {
    call.Subject("consultation", one.id.uuid(), one.patient.uuid());
    *response.add_consultations() = ToProto(one, reader);
  }
  return response;
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Claim(
    const rpc::Call& call, const v1::ClaimConsultationRequest& request) {
  const absl::Duration lease =
      request.lease_seconds() > 0 ? absl::Seconds(request.lease_seconds()) : deps_.default_lease;
  const Actor by = ActorOf(call.caller());
  if (by.practitioner.is_nil()) {
    return errors::FieldInvalid(
        {{"authorization", "is the token of an account that belongs to a practitioner"}});
  }
  const Command claim = [&](const Consultation& now, const Actor& reader, absl::Time at) {
    return now.Claim(reader, lease, at);
  };
  if (!request.consultation_id().empty()) {
    return Run(call, request.consultation_id(), Standing::kOnDuty, std::nullopt, claim);
  }
  return deps_.store.UpdateMostPressing<v1::Consultation>(
      call.write_context(), by, claim,
      [&](const Consultation& after) { return ToProto(after, by); });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Release(
    const rpc::Call& call, const v1::ReleaseClaimRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, std::nullopt,
             [&](const Consultation& now, const Actor& by, absl::Time at) {
               return now.Release(by, request.lease_epoch(), at);
             });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::SaveDraft(
    const rpc::Call& call, const v1::SaveOpinionDraftRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, std::nullopt,
             [&](const Consultation& now, const Actor& by, absl::Time at) {
               return now.SaveDraft(by, request.lease_epoch(), ToDomain(request.content()), at);
             });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::SubmitFirstReading(
    const rpc::Call& call, const v1::SubmitFirstReadingRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, std::nullopt,
             [&](const Consultation& now, const Actor& by, absl::Time at) {
               return now.SubmitFirstReading(by, request.lease_epoch(), ToDomain(request.content()),
                                             at);
             });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::RecordSecondReading(
    const rpc::Call& call, const v1::RecordSecondReadingRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, std::nullopt,
             [&](const Consultation& now, const Actor& by, absl::Time at) {
               return now.RecordSecondReading(
                   by, request.lease_epoch(), static_cast<Verdict>(request.verdict()),
                   static_cast<DiscrepancyCode>(request.discrepancy()), request.comment(), at);
             });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Sign(const rpc::Call& call,
                                                            const v1::SignOpinionRequest& request) {
  const Actor signer = ActorOf(call.caller());
  if (signer.practitioner.is_nil()) {
    return errors::FieldInvalid(
        {{"authorization", "is the token of an account that belongs to a practitioner"}});
  }
  // Before the transaction, so that no handler waits for a second connection while it holds one.
  ASSIGN_OR_RETURN(const std::shared_ptr<const SigningKey> key,
                   deps_.keys.KeyOf(signer.practitioner, call.deadline()));
  return Run(
      call, request.consultation_id(), Standing::kOfConsultation, std::nullopt,
      [&](const Consultation& now, const Actor& by, absl::Time at) -> absl::StatusOr<Change> {
        ASSIGN_OR_RETURN(const int version, now.CheckSign(by, request.lease_epoch(), at));
        SignedOpinion opinion{.version = version,
                              .practitioner = by.practitioner,
                              .signed_at = at,
                              .key_id = key->key_id(),
                              .public_key = key->public_key()};
        opinion.signed_bytes =
            convert::StatementBytes(now, version, by.practitioner, at, ToDomain(request.content()));
        ASSIGN_OR_RETURN(opinion.signature, key->Sign(opinion.signed_bytes));
        return now.Sign(by, request.lease_epoch(), std::move(opinion), deps_.clocks, at);
      });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Acknowledge(
    const rpc::Call& call, const v1::AcknowledgeOpinionRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, request.etag(),
             [](const Consultation& now, const Actor& by, absl::Time at) {
               return now.Acknowledge(by, at);
             });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Decline(
    const rpc::Call& call, const v1::EndConsultationRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, request.etag(),
             [&](const Consultation& now, const Actor& by, absl::Time at) {
               return now.Decline(by, static_cast<ReasonCode>(request.reason()), request.comment(),
                                  at);
             });
}

absl::StatusOr<v1::Consultation> ConsultationHandlers::Cancel(
    const rpc::Call& call, const v1::EndConsultationRequest& request) {
  return Run(call, request.consultation_id(), Standing::kNone, request.etag(),
             [&](const Consultation& now, const Actor& by, absl::Time at) {
               return now.Cancel(by, static_cast<ReasonCode>(request.reason()), request.comment(),
                                 at);
             });
}

}  // namespace yilian::consultation
