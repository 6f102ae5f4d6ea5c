#include "services/directory/rpc/convert.h"

#include "absl/time/civil_time.h"
#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory::convert {
namespace {

template <typename Tag>
std::string Text(const base::Id<Tag>& id) {
  return id.is_nil() ? "" : id.ToString();
}

template <typename IdType>
absl::StatusOr<IdType> OptionalId(const std::string& text) {
  if (text.empty()) return IdType();
  return IdType::Parse(text);
}

void AddRoles(const std::vector<std::string>& names, google::protobuf::RepeatedField<int>& roles) {
  for (const std::string& name : names) {
    policy::v1::Role role;
    if (policy::v1::Role_Parse(name, &role)) roles.Add(role);
  }
}

}  // namespace

v1::Organization ToProto(const Organization& organization) {
  v1::Organization message;
  message.set_organization_id(organization.id.ToString());
  message.set_name(organization.name);
  message.set_tier(static_cast<v1::Tier>(organization.tier));
  message.set_consortium_id(Text(organization.consortium));
  message.set_etag(base::EtagOf(organization.version));
  return message;
}

v1::Department ToProto(const Department& department) {
  v1::Department message;
  message.set_department_id(department.id.ToString());
  message.set_organization_id(department.organization.ToString());
  message.set_name(department.name);
  message.set_specialty(department.specialty);
  return message;
}

v1::Practitioner ToProto(const Practitioner& practitioner) {
  v1::Practitioner message;
  message.set_practitioner_id(practitioner.id.ToString());
  message.set_organization_id(practitioner.organization.ToString());
  message.set_department_id(Text(practitioner.department));
  message.set_name(practitioner.name);
  message.set_title(practitioner.title);
  message.set_expert(practitioner.expert);
  message.set_professional_title(
      static_cast<v1::ProfessionalTitle>(practitioner.professional_title));
  message.set_etag(base::EtagOf(practitioner.version));
  return message;
}

v1::User ToProto(const Account& account) {
  v1::User message;
  message.set_user_id(account.id.ToString());
  message.set_user_name(account.user_name);
  message.set_organization_id(account.organization.ToString());
  AddRoles(account.roles, *message.mutable_roles());
  return message;
}

v1::Patient ToProto(const Patient& patient) {
  v1::Patient message;
  message.set_patient_id(patient.id.ToString());
  message.set_name(patient.name);
  message.set_sex(static_cast<v1::Sex>(patient.sex));
  if (patient.birth_date) message.set_birth_date(absl::FormatCivilTime(*patient.birth_date));
  message.set_phone_masked(MaskPhone(patient.phone));
  message.set_national_id_masked(MaskNationalId(patient.national_id));
  for (const Identifier& identifier : patient.identifiers) {
    v1::PatientIdentifier& one = *message.add_identifiers();
    one.set_issuer(identifier.issuer);
    one.set_value(identifier.value);
  }
  message.set_merged_into(Text(patient.merged_into));
  message.set_etag(base::EtagOf(patient.version));
  message.set_address(patient.address);
  return message;
}

v1::CallerIdentity ToProto(const Account& account, const Affiliation& as) {
  v1::CallerIdentity message;
  message.set_user_id(account.id.ToString());
  message.set_practitioner_id(Text(as.practitioner));
  message.set_organization_id(Text(as.organization));
  message.set_organization_name(as.organization_name);
  AddRoles(as.roles, *message.mutable_roles());
  message.set_display_name(account.display_name);
  return message;
}

v1::Affiliation ToProto(const Affiliation& affiliation) {
  v1::Affiliation message;
  message.set_affiliation_id(affiliation.id.ToString());
  message.set_organization_id(affiliation.organization.ToString());
  message.set_organization_name(affiliation.organization_name);
  message.set_practitioner_id(Text(affiliation.practitioner));
  AddRoles(affiliation.roles, *message.mutable_roles());
  *message.mutable_started_at() = ToProto(affiliation.started_at);
  if (affiliation.ends_at) *message.mutable_ends_at() = ToProto(*affiliation.ends_at);
  return message;
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  return timestamp;
}

absl::StatusOr<Organization> ToDomain(const v1::CreateOrganizationRequest& request,
                                      absl::Time now) {
  Organization organization{.name = request.name(), .tier = static_cast<Tier>(request.tier())};
  ASSIGN_OR_RETURN(organization.id, IdOrNew<OrganizationId>(request.organization_id(), now));
  ASSIGN_OR_RETURN(organization.consortium, OptionalId<OrganizationId>(request.consortium_id()));
  return organization;
}

absl::StatusOr<Department> ToDomain(const v1::CreateDepartmentRequest& request, absl::Time now) {
  Department department{.name = request.name(), .specialty = request.specialty()};
  ASSIGN_OR_RETURN(department.id, IdOrNew<DepartmentId>(request.department_id(), now));
  ASSIGN_OR_RETURN(department.organization, OrganizationId::Parse(request.organization_id()));
  return department;
}

absl::StatusOr<Practitioner> ToDomain(const v1::CreatePractitionerRequest& request,
                                      absl::Time now) {
  Practitioner practitioner{
      .name = request.name(),
      .title = request.title(),
      .expert = request.expert(),
      .professional_title = static_cast<ProfessionalTitle>(request.professional_title())};
  if (practitioner.title.empty()) practitioner.title = Name(practitioner.professional_title);
  ASSIGN_OR_RETURN(const auto since, OptionalDayIn(request.title_since(), "title_since"));
  practitioner.title_since = since.value_or(DayOf(now));
  if (practitioner.title_since > DayOf(now)) {
    return errors::FieldInvalid({{"title_since", "is not in the future"}});
  }
  ASSIGN_OR_RETURN(practitioner.id, IdOrNew<PractitionerId>(request.practitioner_id(), now));
  ASSIGN_OR_RETURN(practitioner.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(practitioner.department, OptionalId<DepartmentId>(request.department_id()));
  return practitioner;
}

absl::StatusOr<Account> ToDomain(const v1::CreateUserRequest& request, absl::Time now) {
  Account account{.user_name = request.user_name(), .display_name = request.display_name()};
  ASSIGN_OR_RETURN(account.id, IdOrNew<UserId>(request.user_id(), now));
  ASSIGN_OR_RETURN(account.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(account.practitioner, OptionalId<PractitionerId>(request.practitioner_id()));
  for (const int role : request.roles()) {
    account.roles.push_back(policy::v1::Role_Name(static_cast<policy::v1::Role>(role)));
  }
  return account;
}

absl::StatusOr<RegisterPatient> ToDomain(const v1::RegisterPatientRequest& request) {
  RegisterPatient command{.name = request.name(),
                          .sex = static_cast<Sex>(request.sex()),
                          .phone = request.phone(),
                          .address = request.address(),
                          .national_id = request.national_id()};
  ASSIGN_OR_RETURN(command.organization, OrganizationId::Parse(request.organization_id()));
  if (!request.birth_date().empty()) {
    ASSIGN_OR_RETURN(command.birth_date, DayIn(request.birth_date(), "birth_date"));
  }
  for (const v1::PatientIdentifier& identifier : request.identifiers()) {
    command.identifiers.push_back({identifier.issuer(), identifier.value()});
  }
  return command;
}

absl::StatusOr<MergePatients> ToDomain(const v1::MergePatientsRequest& request) {
  MergePatients command;
  ASSIGN_OR_RETURN(command.survivor, PatientId::Parse(request.surviving_patient_id()));
  ASSIGN_OR_RETURN(command.merged, PatientId::Parse(request.merged_patient_id()));
  return command;
}

absl::StatusOr<Contract> ToDomain(const v1::CreateContractRequest& request, absl::Time now) {
  Contract contract{.id = ContractId::New(now), .service_package = request.service_package()};
  ASSIGN_OR_RETURN(contract.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(contract.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(contract.practitioner, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(contract.team, OptionalId<TeamId>(request.team_id()));
  ASSIGN_OR_RETURN(contract.start_date, DayIn(request.start_date(), "start_date"));
  ASSIGN_OR_RETURN(contract.end_date, DayIn(request.end_date(), "end_date"));
  return contract;
}

PatientKey ToDomain(const v1::FindPatientRequest& request) {
  PatientKey key{.national_id = request.national_id()};
  if (request.has_identifier()) {
    key.identifier = Identifier{request.identifier().issuer(), request.identifier().value()};
  }
  return key;
}

Actor ActorOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id),
          .is_service = caller.is_service(),
          .user = UserId(caller.user_id)};
}

Actor SpeakerOf(const rpc::Caller& caller) {
  Actor actor = ActorOf(caller);
  actor.is_service = actor.is_service || caller.HasRole(policy::v1::ROLE_REGIONAL_ADMINISTRATOR);
  return actor;
}

absl::StatusOr<absl::CivilDay> DayIn(const std::string& text, std::string_view field) {
  absl::CivilDay day;
  if (absl::ParseCivilTime(text, &day)) return day;
  return errors::FieldInvalid({{std::string(field), "is a date, YYYY-MM-DD"}});
}

absl::StatusOr<std::optional<absl::CivilDay>> OptionalDayIn(const std::string& text,
                                                            std::string_view field) {
  if (text.empty()) return std::nullopt;
  return DayIn(text, field);
}

}  // namespace yilian::directory::convert
