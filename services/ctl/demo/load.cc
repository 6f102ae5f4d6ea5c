#include "services/ctl/demo/load.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "common/status/error.h"
#include "common/wire/timestamp.h"
#include "services/ctl/demo/catalogue.h"
#include "services/ctl/demo/offers.h"
#include "services/ctl/demo/person.h"
#include "services/ctl/sign_in.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian/directory/v1/family_doctor.grpc.pb.h"
#include "yilian/directory/v1/practitioner.grpc.pb.h"
#include "yilian/scheduling/v1/scheduling.grpc.pb.h"

namespace yilian::ctl::demo {
namespace {

using directory::v1::DirectoryService;
using directory::v1::FamilyDoctorService;
using directory::v1::PractitionerService;
using scheduling::v1::SchedulingService;

constexpr int kSessionDays = 14;
constexpr int kSeats = 20;

// The same request id on every run: what was loaded before is answered from the ledger.
std::string LoadId(std::string_view what, std::string_view key) {
  return DemoId("load", fmt::format("{} {}", what, key)).ToString();
}

// The ledger forgets after some weeks; then the record itself says that it is there.
template <typename Response>
absl::Status Done(const absl::StatusOr<Response>& answer) {
  if (answer.ok() || absl::IsAlreadyExists(answer.status())) return absl::OkStatus();
  return answer.status();
}

absl::Status LoadOrganizations(const Person& ctl) {
  for (const DemoOrganization& one : Organizations()) {
    directory::v1::CreateOrganizationRequest request;
    request.set_request_id(LoadId("organization", one.key));
    request.set_organization_id(one.id());
    request.set_name(one.name);
    request.set_tier(one.tier);
    if (!one.lead.empty()) request.set_consortium_id(DemoId("organization", one.lead).ToString());
    RETURN_IF_ERROR(Done(ctl.Call<DirectoryService>(
        "directory", &DirectoryService::Stub::CreateOrganization, request)));
  }
  for (const DemoDepartment& one : Departments()) {
    directory::v1::CreateDepartmentRequest request;
    request.set_request_id(LoadId("department", one.key));
    request.set_department_id(one.id());
    request.set_organization_id(DemoId("organization", one.organization).ToString());
    request.set_name(one.name);
    request.set_specialty(one.specialty);
    RETURN_IF_ERROR(Done(ctl.Call<DirectoryService>(
        "directory", &DirectoryService::Stub::CreateDepartment, request)));
  }
  return absl::OkStatus();
}

absl::Status LoadPractitioner(const Person& ctl, const DemoPerson& one, size_t serial) {
  directory::v1::CreatePractitionerRequest request;
  request.set_request_id(LoadId("practitioner with title", one.key));
  request.set_practitioner_id(one.practitioner_id());
  request.set_organization_id(DemoId("organization", one.organization).ToString());
  if (!one.department.empty())
    request.set_department_id(DemoId("department", one.department).ToString());
  request.set_name(one.name);
  request.set_title(one.title);
  request.set_expert(one.expert);
  request.set_professional_title(one.professional_title);
  request.set_title_since("2020-01-01");
  RETURN_IF_ERROR(Done(ctl.Call<DirectoryService>(
      "directory", &DirectoryService::Stub::CreatePractitioner, request)));
  if (one.scope.empty()) return absl::OkStatus();
  directory::v1::RecordQualificationRequest licence;
  licence.set_request_id(LoadId("licence", one.key));
  licence.set_practitioner_id(one.practitioner_id());
  licence.set_etag("v1");
  licence.set_kind(directory::v1::QUALIFICATION_KIND_PRACTISING_LICENCE);
  licence.set_number(LicenceNumber(serial));
  licence.set_category(directory::v1::PRACTICE_CATEGORY_CLINICAL);
  licence.add_scopes(one.scope);
  licence.set_valid_from("2015-07-01");
  const auto answer = ctl.Call<PractitionerService>(
      "directory", &PractitionerService::Stub::RecordQualification, licence);
  // After the ledger has forgotten it, the etag says that it was recorded.
  return absl::IsAborted(answer.status()) ? absl::OkStatus() : Done(answer);
}

absl::Status LoadTeams(const Person& ctl) {
  for (const DemoTeam& one : Teams()) {
    directory::v1::CreateTeamRequest request;
    request.set_request_id(LoadId("team", one.organization));
    request.set_team_id(one.id());
    request.set_organization_id(DemoId("organization", one.organization).ToString());
    request.set_name(one.name);
    request.set_leader_practitioner_id(DemoId("practitioner", one.leader).ToString());
    RETURN_IF_ERROR(Done(ctl.Call<FamilyDoctorService>(
        "directory", &FamilyDoctorService::Stub::CreateTeam, request)));
  }
  return absl::OkStatus();
}

absl::Status LoadPerson(const Person& ctl, const DemoPerson& one, size_t serial,
                        const std::string& password) {
  if (one.practitioner) RETURN_IF_ERROR(LoadPractitioner(ctl, one, serial));
  directory::v1::CreateUserRequest request;
  request.set_request_id(LoadId("user", one.key));
  request.set_user_id(DemoId("user", one.key).ToString());
  request.set_user_name(one.key);
  request.set_password(password);
  request.set_organization_id(DemoId("organization", one.organization).ToString());
  if (one.practitioner) request.set_practitioner_id(one.practitioner_id());
  request.set_display_name(one.name);
  request.add_roles(one.role);
  return Done(
      ctl.Call<DirectoryService>("directory", &DirectoryService::Stub::CreateUser, request));
}

absl::Status LoadResident(const Person& ctl, const DemoResident& one) {
  directory::v1::RegisterPatientRequest patient;
  patient.set_request_id(LoadId("patient", one.key));
  patient.set_organization_id(DemoId("organization", one.organization).ToString());
  patient.set_name(one.name);
  patient.set_sex(one.sex);
  patient.set_birth_date(one.birth_date);
  patient.set_national_id(one.national_id);
  patient.set_phone(one.phone);
  ASSIGN_OR_RETURN(
      const directory::v1::RegisterPatientResponse registered,
      ctl.Call<DirectoryService>("directory", &DirectoryService::Stub::RegisterPatient, patient));
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
  directory::v1::CreateContractRequest contract;
  contract.set_request_id(LoadId("team contract", fmt::format("{} {}", one.key, today.year())));
  contract.set_patient_id(registered.patient().patient_id());
  contract.set_organization_id(DemoId("organization", one.organization).ToString());
  contract.set_practitioner_id(DemoId("practitioner", "family." + one.organization).ToString());
  contract.set_team_id(DemoId("team", one.organization).ToString());
  contract.set_service_package("BASIC");
  contract.set_start_date(fmt::format("{}-01-01", today.year()));
  contract.set_end_date(fmt::format("{}-12-31", today.year()));
  return Done(
      ctl.Call<DirectoryService>("directory", &DirectoryService::Stub::CreateContract, contract));
}

// Every expert sees patients each working morning, half past eight to half past eleven.
absl::Status LoadSessions(const Person& ctl) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("Asia/Shanghai", &zone))
    return absl::InternalError("no time zone Asia/Shanghai");
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), zone);
  for (const DemoPerson& expert : People()) {
    if (!expert.expert) continue;
    for (int ahead = 1; ahead <= kSessionDays; ++ahead) {
      const absl::CivilDay day = today + ahead;
      const absl::Weekday weekday = absl::GetWeekday(day);
      if (weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday) continue;
      scheduling::v1::CreateSessionRequest request;
      request.set_request_id(
          LoadId("session", fmt::format("{} {}", expert.key, absl::FormatCivilTime(day))));
      request.set_organization_id(DemoId("organization", expert.organization).ToString());
      request.set_department_id(DemoId("department", expert.department).ToString());
      for (const DemoDepartment& department : Departments()) {
        if (department.key == expert.department) request.set_specialty(department.specialty);
      }
      request.set_practitioner_id(expert.practitioner_id());
      request.set_kind(scheduling::v1::SESSION_KIND_OUTPATIENT);
      const absl::CivilSecond start(day.year(), day.month(), day.day(), 8, 30, 0);
      wire::SetTime(request.mutable_time()->mutable_start(), absl::FromCivil(start, zone));
      wire::SetTime(request.mutable_time()->mutable_end(),
                    absl::FromCivil(start, zone) + absl::Hours(3));
      request.set_seats(kSeats);
      const auto answer = ctl.Call<SchedulingService>(
          "scheduling", &SchedulingService::Stub::CreateSession, request);
      // The ledger may have forgotten a session that is still there; on a public holiday there is
      // none.
      const std::string reason = status::ReasonOf(answer.status());
      if (!answer.ok() && reason != "EXPERT_OVERLAP" && reason != "PUBLIC_HOLIDAY")
        return answer.status();
    }
  }
  return absl::OkStatus();
}

// One password for every account of the demo, made once, readable by the region's owner only.
absl::StatusOr<std::string> DemoPassword(const Region& region) {
  absl::StatusOr<std::string> there = region.Secret("demo-password");
  if (there.ok()) return there;
  const std::string path = region.folder() + "/keys/demo-password";
  const std::string password = base::Uuid::V5(base::Uuid::V7(), "demo password").ToString();
  std::ofstream file(path);
  std::error_code error;
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  file << password << "\n";
  file.close();
  if (!file) return absl::PermissionDeniedError(fmt::format("{} cannot be written", path));
  return password;
}

}  // namespace

absl::Status Load(const Region& region) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const std::string password, DemoPassword(region));
  const Person ctl = Person::Operator(region);
  RETURN_IF_ERROR(LoadOrganizations(ctl));
  RETURN_IF_ERROR(LoadOffers(ctl));
  fmt::print("  {} organizations, {} departments\n", Organizations().size(), Departments().size());
  size_t done = 0;
  for (const DemoPerson& person : People()) {
    RETURN_IF_ERROR(LoadPerson(ctl, person, done, password));
    if (++done % 25 == 0) fmt::print("  {} of {} people\n", done, People().size());
    std::fflush(stdout);
  }
  for (const DemoPerson& person : People()) {
    if (person.administrates()) {
      RETURN_IF_ERROR(MakeSecondFactor(region, person.key, password));
    }
  }
  RETURN_IF_ERROR(LoadTeams(ctl));
  for (const DemoResident& resident : Residents()) RETURN_IF_ERROR(LoadResident(ctl, resident));
  fmt::print("  {} people with accounts, {} teams, {} contracted residents\n", People().size(),
             Teams().size(), Residents().size());
  RETURN_IF_ERROR(LoadSessions(ctl));
  fmt::print("  sessions for the next {} days; all loaded in {:.1f} s\n", kSessionDays,
             absl::ToDoubleSeconds(absl::Now() - start));
  return absl::OkStatus();
}

}  // namespace yilian::ctl::demo
