#include "services/directory/rpc/patient_handlers.h"

#include "common/base/status_macros.h"
#include "services/directory/rpc/convert.h"
#include "services/directory/rpc/family_doctor_convert.h"

namespace yilian::directory {

using convert::ActorOf;
using convert::ToDomain;
using convert::ToProto;

absl::StatusOr<v1::RegisterPatientResponse> PatientHandlers::RegisterPatient(
    const rpc::Call& call, const v1::RegisterPatientRequest& request) {
  ASSIGN_OR_RETURN(directory::RegisterPatient said, ToDomain(request));
  ASSIGN_OR_RETURN(
      const directory::RegisterPatient command,
      Normalize(std::move(said), ActorOf(call.caller()), DayOf(deps_.unit.clock().Now())));
  ASSIGN_OR_RETURN(v1::RegisterPatientResponse response,
                   deps_.unit.Run<v1::RegisterPatientResponse>(
                       call.write_context(),
                       [&](unit::Scope& scope) -> absl::StatusOr<v1::RegisterPatientResponse> {
                         ASSIGN_OR_RETURN(const Registration made,
                                          deps_.patients.Register(scope, command));
                         v1::RegisterPatientResponse outcome;
                         outcome.mutable_patient()->set_patient_id(made.patient.ToString());
                         outcome.set_created(made.created());
                         outcome.set_outcome(static_cast<v1::RegistrationOutcome>(made.outcome));
                         return outcome;
                       }));
  ASSIGN_OR_RETURN(*response.mutable_patient(),
                   Written(call, response.patient().patient_id(), command.organization));
  return response;
}

absl::StatusOr<v1::Patient> PatientHandlers::Written(const rpc::Call& call,
                                                     const std::string& patient_id,
                                                     OrganizationId organization) {
  ASSIGN_OR_RETURN(const PatientId id, PatientId::Parse(patient_id));
  ASSIGN_OR_RETURN(const Patient patient,
                   deps_.patients.Get(id, {.organization = organization, .is_service = true},
                                      deps_.unit.clock().Now(), call.deadline()));
  return ToProto(patient);
}

absl::StatusOr<v1::Patient> PatientHandlers::GetPatient(const rpc::Call& call,
                                                        const v1::GetPatientRequest& request) {
  ASSIGN_OR_RETURN(const PatientId id, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(
      const Patient patient,
      deps_.patients.Get(id, ActorOf(call.caller()), deps_.unit.clock().Now(), call.deadline()));
  call.Subject("patient", patient.id.uuid(), patient.id.uuid());
  return ToProto(patient);
}

absl::StatusOr<v1::Patient> PatientHandlers::FindPatient(const rpc::Call& call,
                                                         const v1::FindPatientRequest& request) {
  ASSIGN_OR_RETURN(const Identifier identifier, IdentifierOf(ToDomain(request)));
  ASSIGN_OR_RETURN(const Patient patient,
                   deps_.patients.Find(identifier, ActorOf(call.caller()), deps_.unit.clock().Now(),
                                       call.deadline()));
  call.Subject("patient", patient.id.uuid(), patient.id.uuid());
  return ToProto(patient);
}

absl::StatusOr<v1::Patient> PatientHandlers::MergePatients(
    const rpc::Call& call, const v1::MergePatientsRequest& request) {
  ASSIGN_OR_RETURN(const directory::MergePatients command, ToDomain(request));
  RETURN_IF_ERROR(Check(command));
  const Actor actor = ActorOf(call.caller());
  RETURN_IF_ERROR(deps_.unit
                      .Run<v1::Patient>(call.write_context(),
                                        [&](unit::Scope& scope) -> absl::StatusOr<v1::Patient> {
                                          RETURN_IF_ERROR(
                                              deps_.patients.Merge(scope, command, actor));
                                          v1::Patient outcome;
                                          outcome.set_patient_id(request.surviving_patient_id());
                                          return outcome;
                                        })
                      .status());
  return Written(call, request.surviving_patient_id(), actor.organization);
}

absl::StatusOr<v1::CheckCareRelationshipResponse> PatientHandlers::CheckCareRelationship(
    const rpc::Call& call, const v1::CheckCareRelationshipRequest& request) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  Actor reader;
  ASSIGN_OR_RETURN(reader.organization, OrganizationId::Parse(request.organization_id()));
  if (!request.user_id().empty()) {
    ASSIGN_OR_RETURN(reader.user, UserId::Parse(request.user_id()));
  }
  ASSIGN_OR_RETURN(
      const bool holds,
      deps_.patients.MaySee(patient, reader, deps_.unit.clock().Now(), call.deadline()));
  v1::CheckCareRelationshipResponse response;
  response.set_holds(holds);
  return response;
}

absl::StatusOr<v1::Contract> PatientHandlers::CreateContract(
    const rpc::Call& call, const v1::CreateContractRequest& request) {
  ASSIGN_OR_RETURN(const Contract contract, ToDomain(request, deps_.unit.clock().Now()));
  const Actor actor = ActorOf(call.caller());
  RETURN_IF_ERROR(Check(contract, actor));
  return deps_.unit.Run<v1::Contract>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Contract> {
        RETURN_IF_ERROR(deps_.contracts.Add(scope, contract, actor));
        scope.Append(convert::SignedEvent(contract, scope.now()));
        return convert::ToProto(contract, scope.now());
      });
}

}  // namespace yilian::directory
