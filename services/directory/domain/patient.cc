#include "services/directory/domain/patient.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "common/base/uuid.h"
#include "services/directory/domain/errors.h"
#include "services/directory/domain/identity_number.h"

namespace yilian::directory {
namespace {

// Before it, nobody who is alive today was born.
constexpr int kEarliestYear = 1850;

std::string Mask(std::string_view text, size_t head, size_t tail) {
  return std::string(text.substr(0, head)) + std::string(text.size() - head - tail, '*') +
         std::string(text.substr(text.size() - tail));
}

Violations CheckIssuers(const RegisterPatient& command, const Actor& actor) {
  Violations violations;
  for (size_t i = 0; i < command.identifiers.size(); ++i) {
    const std::string field = fmt::format("identifiers[{}].issuer", i);
    const std::string& issuer = command.identifiers[i].issuer;
    if (issuer == kNationalIdIssuer) {
      violations.push_back({field, "the resident identity number goes into national_id"});
      continue;
    }
    if (IsCardIssuer(issuer)) {
      if (NormalCardNumber(command.identifiers[i].value).empty()) {
        violations.push_back({fmt::format("identifiers[{}].value", i), std::string(kCardRule)});
      }
      continue;
    }
    const absl::StatusOr<OrganizationId> organization = OrganizationId::Parse(issuer);
    if (!organization.ok()) {
      violations.push_back({field, "is an organization's UUID, CN-INSURANCE or CN-HEALTH-CARD"});
    } else if (!actor.is_service && *organization != command.organization) {
      // Else a guessed number of another hospital would open its patient's record.
      violations.push_back({field, "is your own organization"});
    }
  }
  return violations;
}

bool IsLivingBirthDate(absl::CivilDay day, absl::CivilDay today) {
  return day <= today && day.year() >= kEarliestYear;
}

Identifier Normal(const Identifier& identifier) {
  if (IsCardIssuer(identifier.issuer)) {
    return {identifier.issuer, NormalCardNumber(identifier.value)};
  }
  return {OrganizationId::Parse(identifier.issuer)->ToString(), identifier.value};  // lower case
}

}  // namespace

bool IsCardIssuer(std::string_view issuer) {
  return issuer == kInsuranceIssuer || issuer == kHealthCardIssuer;
}

std::string NormalCardNumber(std::string_view number) {
  std::string normal;
  for (const char c : number) {
    if (c == ' ') continue;
    if (!std::isalnum(static_cast<unsigned char>(c))) return "";
    normal.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return normal.size() >= 6 && normal.size() <= 32 ? normal : "";
}

absl::StatusOr<RegisterPatient> Normalize(RegisterPatient command, const Actor& actor,
                                          absl::CivilDay today) {
  if (!actor.is_service && actor.organization != command.organization) {
    return errors::ForeignOrganization();
  }
  Violations violations = CheckIssuers(command, actor);
  if (command.birth_date && !IsLivingBirthDate(*command.birth_date, today)) {
    violations.push_back({"birth_date", "is a date in a living person's past"});
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  if (!command.national_id.empty()) {
    command.national_id = NormalNationalId(command.national_id);
    violations = CheckIdentity(command.national_id, command.birth_date, command.sex);
    if (!violations.empty()) return errors::IdentityContradicts(violations);
    command.birth_date = FactsOf(command.national_id)->birth_date;
    if (!IsLivingBirthDate(*command.birth_date, today)) {
      return errors::IdentityContradicts(
          {{"national_id", "its birth date is a date in a living person's past"}});
    }
    // What the number says counts as said.
    if (command.sex == Sex::kUnknown) command.sex = FactsOf(command.national_id)->sex;
  }
  std::vector<Identifier> distinct;
  for (const Identifier& identifier : command.identifiers) {
    Identifier normal = Normal(identifier);
    if (std::find(distinct.begin(), distinct.end(), normal) == distinct.end()) {
      distinct.push_back(std::move(normal));
    }
  }
  command.identifiers = std::move(distinct);
  return command;
}

absl::Status Check(const MergePatients& command) {
  if (command.survivor != command.merged) return absl::OkStatus();
  return errors::FieldInvalid({{"merged_patient_id", "is another record than the surviving one"}});
}

absl::Status CheckMerge(const Patient& survivor, const Patient& merged) {
  for (const Patient* patient : {&survivor, &merged}) {
    if (!patient->merged_into.is_nil()) return errors::PatientMerged(patient->merged_into);
  }
  if (!survivor.national_id.empty() && !merged.national_id.empty() &&
      survivor.national_id != merged.national_id) {
    return errors::IdentityContradicts(
        {{"merged_patient_id", "has the surviving record's resident identity number, or none"}});
  }
  return absl::OkStatus();
}

absl::StatusOr<Identifier> IdentifierOf(const PatientKey& key) {
  const bool by_number = !key.national_id.empty();
  if (by_number == key.identifier.has_value()) {
    const std::string rule = "exactly one of national_id and identifier is given";
    return errors::FieldInvalid({{"national_id", rule}, {"identifier", rule}});
  }
  if (by_number) {
    return Identifier{std::string(kNationalIdIssuer), NormalNationalId(key.national_id)};
  }
  Identifier identifier = *key.identifier;
  if (identifier.issuer == kNationalIdIssuer) {
    identifier.value = NormalNationalId(identifier.value);
    return identifier;
  }
  if (IsCardIssuer(identifier.issuer)) {
    identifier.value = NormalCardNumber(identifier.value);
    if (!identifier.value.empty()) return identifier;
    return errors::FieldInvalid({{"identifier.value", std::string(kCardRule)}});
  }
  const absl::StatusOr<OrganizationId> organization = OrganizationId::Parse(identifier.issuer);
  if (!organization.ok()) {
    return errors::FieldInvalid(
        {{"identifier.issuer",
          "is CN-ID, CN-INSURANCE, CN-HEALTH-CARD or an organization's UUID"}});
  }
  identifier.issuer = organization->ToString();
  return identifier;
}

std::string MaskPhone(std::string_view phone) {
  if (phone.empty()) return "";
  if (phone.size() >= 11) return Mask(phone, 3, 4);
  return Mask(phone, 0, std::min<size_t>(2, phone.size()));
}

std::string MaskNationalId(std::string_view national_id) {
  if (national_id.size() < 8) return std::string(national_id.size(), '*');
  return Mask(national_id, 3, 4);
}

}  // namespace yilian::directory
