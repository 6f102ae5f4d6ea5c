#include "services/referral/clients/consultation_client.h"

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"

namespace yilian::referral {
namespace {

using Consultation = consultation::v1::ConsultationService;

}  // namespace

ConsultationClient::ConsultationClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Consultation::NewStub(std::move(channel))) {}

absl::StatusOr<std::optional<SignedOpinion>> ConsultationClient::Find(
    const std::string& consultation_id, std::string_view token, absl::Time deadline) {
  consultation::v1::GetConsultationRequest request;
  request.set_consultation_id(consultation_id);
  const auto answer = rpc::ClientCall::Until(deadline).WithToken(token).Invoke(
      *stub_, &Consultation::Stub::GetConsultation, request);
  if (absl::IsNotFound(answer.status())) return std::optional<SignedOpinion>();
  if (!answer.ok()) return answer.status();
  if (!answer->has_opinion()) return std::optional<SignedOpinion>();
  SignedOpinion opinion;
  ASSIGN_OR_RETURN(opinion.patient, PatientId::Parse(answer->patient_id()));
  ASSIGN_OR_RETURN(opinion.requesting_organization,
                   OrganizationId::Parse(answer->requesting_organization_id()));
  return opinion;
}

}  // namespace yilian::referral
