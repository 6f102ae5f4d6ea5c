#include "services/gateway/domain/inbound/patient.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "services/gateway/domain/inbound/national_id.h"

namespace yilian::gateway::inbound {
namespace {

using hl7::FaultCode;
using hl7::Faults;
using hl7::Segment;

constexpr int kIdentifiers = 3;
constexpr int kName = 5;
constexpr int kBirth = 7;
constexpr int kSex = 8;
constexpr int kHomePhone = 13;
constexpr int kBusinessPhone = 14;
constexpr int kSocialSecurity = 19;
constexpr int kDeath = 29;

constexpr std::string_view kNationalTypes[] = {"NI",   "NNCHN", "NNCN",   "SFZ",
                                               "SFZH", "ID",    "IDCARD", "01"};
// Numbers of a visit or an account are not numbers of the patient (HL7 table 0203).
constexpr std::string_view kVisitTypes[] = {"VN", "AN", "ANON", "BA"};
constexpr std::string_view kRecordTypes[] = {"", "MR", "PI", "PT", "MRT"};

std::string Upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Ideographs and kana: scripts whose names are written family name first and without a space.
bool IsIdeographic(std::string_view name) {
  return std::any_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
}

std::string FullName(const Segment& pid, int repetition) {
  const std::string family = pid.Text(kName, 1, repetition);
  const std::string given = pid.Text(kName, 2, repetition);
  const std::string middle = pid.Text(kName, 3, repetition);
  if (IsIdeographic(family + given)) return family + given;
  std::string name;
  for (const std::string& part : {given, middle, family}) {
    if (part.empty()) continue;
    if (!name.empty()) name += ' ';
    name += part;
  }
  return name;
}

// The ideographic form of the name where several are sent, else the first that is not empty.
std::string ReadName(const Segment& pid, Faults& faults) {
  std::string chosen;
  const int repetitions = static_cast<int>(std::min<size_t>(pid.Repetitions(kName).size(), 20));
  for (int repetition = 1; repetition <= repetitions; ++repetition) {
    std::string name = FullName(pid, repetition);
    if (name.empty()) continue;
    const bool better = chosen.empty() || (IsIdeographic(name) && !IsIdeographic(chosen));
    if (better) chosen = std::move(name);
  }
  if (chosen.empty()) {
    faults.push_back(
        {FaultCode::kRequiredFieldMissing, pid.At(kName), "the patient's name is required"});
  } else if (CodePoints(chosen) > kLongestName) {
    faults.push_back({FaultCode::kValueTooLong, pid.At(kName),
                      fmt::format("a name has at most {} characters", kLongestName)});
  }
  return chosen;
}

Sex ReadSex(const Segment& pid, Faults& faults) {
  const std::string code = Upper(pid.Text(kSex));
  // HL7 table 0001, and GB/T 2261.1 (0 unknown, 1 male, 2 female, 9 not stated) in digits and
  // words.
  if (code == "M" || code == "1" || code == "男") return Sex::kMale;
  if (code == "F" || code == "2" || code == "女") return Sex::kFemale;
  constexpr std::string_view kOthers[] = {"", "U", "O", "A", "N", "X", "0", "9", "未知", "未说明"};
  if (!absl::c_linear_search(kOthers, code)) {
    faults.push_back(
        {FaultCode::kTableValueNotFound, pid.At(kSex), "M, F, O, U, A, N or 0, 1, 2, 9"});
  }
  return Sex::kUnknown;
}

// What can be dialled in an XTN: the number as one text, else area code and local number.
std::string ReadPhone(const Segment& pid, int field) {
  const int repetitions = static_cast<int>(std::min<size_t>(pid.Repetitions(field).size(), 20));
  for (int repetition = 1; repetition <= repetitions; ++repetition) {
    const std::string parts = pid.Text(field, 6, repetition) + pid.Text(field, 7, repetition);
    for (const std::string& candidate :
         {pid.Text(field, 1, repetition), pid.Text(field, 12, repetition), parts}) {
      std::string number;
      int digits = 0;
      for (const char c : candidate) {
        if (c >= '0' && c <= '9') ++digits;
        if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == ' ') number.push_back(c);
      }
      while (!number.empty() && number.back() == ' ') number.pop_back();
      if (digits >= 5 && number.size() <= 20) return number;
    }
  }
  return "";
}

std::optional<hl7::DateTime> ReadDate(const Segment& pid, int field, std::string_view rule,
                                      Faults& faults) {
  const std::string text = pid.Text(field);
  if (text.empty()) return std::nullopt;
  const std::optional<hl7::DateTime> date = hl7::ParseDateTime(text);
  if (!date) faults.push_back({FaultCode::kDataType, pid.At(field), std::string(rule)});
  return date;
}

bool IsOwn(const std::string& authority, const hl7::Message& message, const OwnAuthorities& own) {
  return authority.empty() || std::find(own.begin(), own.end(), authority) != own.end() ||
         authority == message.header().Text(3) || authority == message.header().Text(4);
}

}  // namespace

size_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::string Hl7Patient::BirthDate() const {
  if (!birth || !birth->has_day()) return "";
  return fmt::format("{:04}-{:02}-{:02}", birth->year, birth->month, birth->day);
}

std::vector<PatientIdentifier> ReadIdentifiers(const hl7::Message& message, const Segment& segment,
                                               int field, const OwnAuthorities& own,
                                               std::string* national_id, Faults& faults) {
  std::vector<PatientIdentifier> identifiers;
  const size_t repetitions = segment.Repetitions(field).size();
  if (repetitions > kMostIdentifiers) {
    faults.push_back({FaultCode::kValueTooLong, segment.At(field),
                      fmt::format("at most {} identifiers", kMostIdentifiers)});
    return identifiers;
  }
  for (int repetition = 1; repetition <= static_cast<int>(repetitions); ++repetition) {
    std::string value = segment.Text(field, 1, repetition);
    const std::string type = Upper(segment.Text(field, 5, repetition));
    if (value.empty() || absl::c_linear_search(kVisitTypes, type)) continue;
    if (absl::c_linear_search(kNationalTypes, type) && LooksLikeNationalId(value)) {
      if (!IsNationalId(value)) {
        faults.push_back({FaultCode::kDataType, segment.At(field, 1, repetition),
                          "the check character of the resident identity number is wrong"});
      } else if (national_id != nullptr) {
        *national_id = Upper(value);
      }
      continue;
    }
    const std::string authority = segment.Text(field, 4, repetition);
    if (!absl::c_linear_search(kRecordTypes, type)) value = fmt::format("{}:{}", type, value);
    if (!IsOwn(authority, message, own)) value = fmt::format("{}@{}", value, authority);
    if (CodePoints(value) > kLongestIdentifier) {
      faults.push_back(
          {FaultCode::kValueTooLong, segment.At(field, 1, repetition),
           fmt::format("an identifier with its kind and authority has at most {} characters",
                       kLongestIdentifier)});
      continue;
    }
    const PatientIdentifier identifier{std::move(value)};
    if (std::find(identifiers.begin(), identifiers.end(), identifier) == identifiers.end()) {
      identifiers.push_back(identifier);
    }
  }
  return identifiers;
}

std::optional<Hl7Patient> ReadPatient(const hl7::Message& message, const Segment& pid,
                                      const OwnAuthorities& own, Faults& faults) {
  const size_t before = faults.size();
  Hl7Patient patient;
  patient.identifiers =
      ReadIdentifiers(message, pid, kIdentifiers, own, &patient.national_id, faults);
  const std::string social = pid.Text(kSocialSecurity);
  if (patient.national_id.empty() && LooksLikeNationalId(social)) {
    if (IsNationalId(social)) {
      patient.national_id = Upper(social);
    } else {
      faults.push_back({FaultCode::kDataType, pid.At(kSocialSecurity, 1),
                        "the check character of the resident identity number is wrong"});
    }
  }
  if (faults.size() == before && patient.identifiers.empty() && patient.national_id.empty()) {
    faults.push_back({FaultCode::kRequiredFieldMissing, pid.At(kIdentifiers),
                      "an identifier of the patient is required"});
  }
  patient.name = ReadName(pid, faults);
  patient.birth = ReadDate(pid, kBirth, "a birth date YYYY[MM[DD]] that exists", faults);
  ReadDate(pid, kDeath, "a time of death YYYY[MM[DD[HH[MM[SS]]]]] that exists", faults);
  patient.sex = ReadSex(pid, faults);
  patient.phone = ReadPhone(pid, kHomePhone);
  if (patient.phone.empty()) patient.phone = ReadPhone(pid, kBusinessPhone);
  if (faults.size() != before) return std::nullopt;
  return patient;
}

}  // namespace yilian::gateway::inbound
