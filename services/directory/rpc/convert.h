// Between the wire and the domain. Field rules were checked by the frame; what is left to fail is
// an id's text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "services/directory/domain/account.h"
#include "services/directory/domain/affiliation.h"
#include "services/directory/domain/contract.h"
#include "services/directory/domain/organization.h"
#include "services/directory/domain/patient.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::directory::convert {

v1::Organization ToProto(const Organization& organization);
v1::Department ToProto(const Department& department);
v1::Practitioner ToProto(const Practitioner& practitioner);
v1::User ToProto(const Account& account);
// Telephone and resident identity number leave masked.
v1::Patient ToProto(const Patient& patient);
v1::CallerIdentity ToProto(const Account& account, const Affiliation& as);
v1::Affiliation ToProto(const Affiliation& affiliation);
google::protobuf::Timestamp ToProto(absl::Time time);

// An empty id field gets a fresh id.
absl::StatusOr<Organization> ToDomain(const v1::CreateOrganizationRequest& request, absl::Time now);
absl::StatusOr<Department> ToDomain(const v1::CreateDepartmentRequest& request, absl::Time now);
absl::StatusOr<Practitioner> ToDomain(const v1::CreatePractitionerRequest& request, absl::Time now);
// Without the password, which is hashed by whoever creates the account.
absl::StatusOr<Account> ToDomain(const v1::CreateUserRequest& request, absl::Time now);
absl::StatusOr<RegisterPatient> ToDomain(const v1::RegisterPatientRequest& request);
absl::StatusOr<MergePatients> ToDomain(const v1::MergePatientsRequest& request);
absl::StatusOr<Contract> ToDomain(const v1::CreateContractRequest& request, absl::Time now);
PatientKey ToDomain(const v1::FindPatientRequest& request);

Actor ActorOf(const rpc::Caller& caller);
// A regional administrator speaks for every organization.
Actor SpeakerOf(const rpc::Caller& caller);

// FIELD_INVALID, naming the field.
absl::StatusOr<absl::CivilDay> DayIn(const std::string& text, std::string_view field);
// Nothing for an empty text.
absl::StatusOr<std::optional<absl::CivilDay>> OptionalDayIn(const std::string& text,
                                                            std::string_view field);
// A fresh id for an empty text.
template <typename IdType>
absl::StatusOr<IdType> IdOrNew(const std::string& text, absl::Time now) {
  if (text.empty()) return IdType::New(now);
  return IdType::Parse(text);
}

}  // namespace yilian::directory::convert
