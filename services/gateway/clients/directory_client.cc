#include "services/gateway/clients/directory_client.h"

#include "common/rpc/client_call.h"
#include "services/gateway/clients/failure.h"

namespace yilian::gateway {
namespace {

using Directory = directory::v1::DirectoryService;

directory::v1::Sex ToProto(inbound::Sex sex) {
  switch (sex) {
    case inbound::Sex::kMale:
      return directory::v1::SEX_MALE;
    case inbound::Sex::kFemale:
      return directory::v1::SEX_FEMALE;
    case inbound::Sex::kUnknown:
      return directory::v1::SEX_UNKNOWN;
  }
  return directory::v1::SEX_UNKNOWN;
}

hl7::Location LocateInPid(std::string_view path) {
  if (path == "name") return {"PID", 1, 5};
  if (path == "sex") return {"PID", 1, 8};
  if (path == "birth_date") return {"PID", 1, 7};
  if (path == "phone") return {"PID", 1, 13};
  if (path == "national_id" || path.substr(0, 11) == "identifiers") return {"PID", 1, 3};
  return {"PID", 1};
}

}  // namespace

DirectoryClient::DirectoryClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Directory::NewStub(std::move(channel))) {}

directory::v1::RegisterPatientRequest ToRegisterRequest(const inbound::Request& request,
                                                        const inbound::Hl7Patient& patient) {
  directory::v1::RegisterPatientRequest out;
  out.set_request_id(request.request_id.ToString());
  out.set_organization_id(request.organization_id.ToString());
  out.set_name(patient.name);
  out.set_sex(ToProto(patient.sex));
  out.set_birth_date(patient.BirthDate());
  out.set_phone(patient.phone);
  out.set_national_id(patient.national_id);
  for (const inbound::PatientIdentifier& identifier : patient.identifiers) {
    directory::v1::PatientIdentifier* one = out.add_identifiers();
    one->set_issuer(request.organization_id.ToString());
    one->set_value(identifier.value);
  }
  return out;
}

std::variant<base::Uuid, inbound::DeliveryFailure> DirectoryClient::Register(
    const inbound::Request& request, const inbound::Hl7Patient& patient) {
  const auto answer =
      rpc::ClientCall::Until(request.deadline)
          .Invoke(*stub_, &Directory::Stub::RegisterPatient, ToRegisterRequest(request, patient));
  if (!answer.ok()) return FailureOf(answer.status(), LocateInPid);
  const auto id = base::Uuid::Parse(answer->patient().patient_id());
  if (!id.ok()) return FailureOf(absl::InternalError("directory gave no patient id"), LocateInPid);
  return *id;
}

std::optional<inbound::DeliveryFailure> DirectoryClient::Merge(const inbound::Request& request,
                                                               const base::Uuid& surviving,
                                                               const base::Uuid& merged) {
  directory::v1::MergePatientsRequest out;
  out.set_request_id(request.request_id.ToString());
  out.set_surviving_patient_id(surviving.ToString());
  out.set_merged_patient_id(merged.ToString());
  out.set_reason("ADT^A40, message " + request.message_id.ToString());
  const auto answer =
      rpc::ClientCall::Until(request.deadline).Invoke(*stub_, &Directory::Stub::MergePatients, out);
  if (answer.ok()) return std::nullopt;
  // Merged into the same record before, by another message or a person: what was asked for is so.
  if (SurvivorNamedBy(answer.status()) == surviving) return std::nullopt;
  return FailureOf(answer.status(), LocateInPid);
}

}  // namespace yilian::gateway
