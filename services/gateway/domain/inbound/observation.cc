#include "services/gateway/domain/inbound/observation.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/algorithm/container.h"

namespace yilian::gateway::inbound {
namespace {

using hl7::FaultCode;
using hl7::Faults;
using hl7::Segment;

constexpr int kType = 2;
constexpr int kCode = 3;
constexpr int kSubId = 4;
constexpr int kValue = 5;
constexpr int kUnit = 6;
constexpr int kRange = 7;
constexpr int kFlags = 8;
constexpr int kStatus = 11;
constexpr int kObservedAt = 14;
constexpr int kMethod = 17;

// Types of HL7 table 0125 that hold text or a composite that is kept as its text.
constexpr std::string_view kTextTypes[] = {
    "ST",  "TX", "FT", "IS", "ID", "SI", "VR", "RP", "CX", "XAD", "XCN", "XON", "XPN",
    "XTN", "AD", "PN", "TN", "MO", "CP", "CQ", "EI", "HD", "PL",  "NA",  "MA",  "CK"};
constexpr std::string_view kCodedTypes[] = {"CE", "CWE", "CNE", "CF"};
constexpr std::string_view kTimeTypes[] = {"DT", "DTM", "TS", "TM", "DR"};

bool IsNumber(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  int digits = 0;
  int points = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      ++digits;
    } else if (c == '.') {
      ++points;
    } else {
      return false;
    }
  }
  return digits > 0 && points <= 1;
}

constexpr std::string_view kComparators[] = {"<=", ">=", "<>", "<", ">", "="};

// `<0.41`, `1:640`, `4-6`: what laboratories put into NM although it belongs into SN.
bool IsStructuredNumber(std::string_view text) {
  for (const std::string_view comparator : kComparators) {
    if (text.substr(0, comparator.size()) == comparator) {
      text.remove_prefix(comparator.size());
      while (!text.empty() && text[0] == ' ') text.remove_prefix(1);
      return IsNumber(text);
    }
  }
  const size_t separator = text.find_first_of(":-/", 1);
  return separator != std::string_view::npos && IsNumber(text.substr(0, separator)) &&
         IsNumber(text.substr(separator + 1));
}

void ReadNumber(const Segment& obx, Hl7Observation& observation, Faults& faults) {
  observation.value = obx.Text(kValue);
  if (IsNumber(observation.value)) {
    observation.kind = ValueKind::kNumeric;
  } else if (IsStructuredNumber(observation.value)) {
    observation.kind = ValueKind::kStructured;
  } else {
    faults.push_back({FaultCode::kDataType, obx.At(kValue),
                      "an NM value is a number such as 5.60, <0.41, 1:640 or 4-6"});
  }
}

void ReadStructuredNumber(const Segment& obx, Hl7Observation& observation, Faults& faults) {
  const std::string comparator = obx.Text(kValue, 1);
  const std::string first = obx.Text(kValue, 2);
  const std::string separator = obx.Text(kValue, 3);
  const std::string second = obx.Text(kValue, 4);
  constexpr std::string_view kSeparators[] = {"", "-", "+", "/", ".", ":"};
  if (!comparator.empty() && !absl::c_linear_search(kComparators, comparator)) {
    faults.push_back(
        {FaultCode::kDataType, obx.At(kValue, 1), "a comparator is one of < > <= >= = <>"});
  }
  if (!absl::c_linear_search(kSeparators, separator)) {
    faults.push_back({FaultCode::kDataType, obx.At(kValue, 3), "a separator is one of - + / . :"});
  }
  for (const auto& [number, component] : {std::pair{&first, 2}, std::pair{&second, 4}}) {
    if (!number->empty() && !IsNumber(*number)) {
      faults.push_back({FaultCode::kDataType, obx.At(kValue, component), "a number"});
    }
  }
  const bool plain =
      (comparator.empty() || comparator == "=") && separator.empty() && second.empty();
  observation.kind = plain && !first.empty() ? ValueKind::kNumeric : ValueKind::kStructured;
  observation.value = plain && !first.empty() ? first : comparator + first + separator + second;
}

bool IsTimeValue(std::string_view type, const Segment& obx) {
  const std::string first = obx.Text(kValue, 1);
  if (type == "TM") return hl7::IsTimeOfDay(first);
  const std::string second = type == "DR" ? obx.Text(kValue, 2) : "";
  return (hl7::ParseDateTime(first).has_value() ||
          (type == "DR" && first.empty() && !second.empty())) &&
         (second.empty() || hl7::ParseDateTime(second).has_value());
}

void ReadValue(const hl7::Message& message, const Segment& obx, Hl7Observation& observation,
               Faults& faults) {
  const std::string& type = observation.sent_type;
  const std::string_view raw = obx.Raw(kValue);
  const bool blank = std::all_of(raw.begin(), raw.end(), [&](char c) {
    return c == ' ' || c == message.separators().component || c == message.separators().repetition;
  });
  if (blank || obx.IsDeleted(kValue)) {
    observation.kind = ValueKind::kAbsent;
    observation.absent_reason = obx.IsDeleted(kValue) ? "DELETED_BY_SENDER" : "NO_VALUE_SENT";
  } else if (type.empty()) {
    faults.push_back({FaultCode::kRequiredFieldMissing, obx.At(kType), "a value needs its type"});
  } else if (type == "NM") {
    ReadNumber(obx, observation, faults);
  } else if (type == "SN") {
    ReadStructuredNumber(obx, observation, faults);
  } else if (type == "ED") {
    // The laboratory service takes no attachments yet; the stored message is their place.
    observation.kind = ValueKind::kAbsent;
    observation.absent_reason = "ATTACHMENT_IN_SOURCE_MESSAGE";
  } else if (absl::c_linear_search(kCodedTypes, type)) {
    observation.kind = ValueKind::kCoded;
    observation.coded = ReadCoding(obx, kValue);
    observation.value =
        observation.coded->display.empty() ? observation.coded->code : observation.coded->display;
    if (observation.value.empty()) observation.value = obx.Text(kValue, 9);  // CWE.9, original text
    CheckCoding(obx, kValue, *observation.coded, faults);
  } else if (absl::c_linear_search(kTimeTypes, type)) {
    observation.kind = ValueKind::kTime;
    observation.value = obx.FreeText(kValue);
    if (!IsTimeValue(type, obx))
      faults.push_back({FaultCode::kDataType, obx.At(kValue),
                        "a date or time that exists, as its type writes it"});
  } else if (absl::c_linear_search(kTextTypes, type)) {
    observation.kind = ValueKind::kText;
    observation.value = obx.FreeText(kValue);
  } else {
    faults.push_back({FaultCode::kTableValueNotFound, obx.At(kType), "a value type of table 0125"});
  }
}

std::optional<ResultStatus> StatusOf(std::string_view code) {
  if (code.size() != 1) return std::nullopt;
  switch (code[0]) {
    case 'F':
    case 'U':  // became final, value sent before
    case 'V':
      return ResultStatus::kFinal;
    case 'P':
    case 'R':
      return ResultStatus::kPreliminary;
    case 'S':
      return ResultStatus::kPartial;
    case 'C':
      return ResultStatus::kCorrected;
    case 'A':
    case 'B':
      return ResultStatus::kAmended;
    case 'D':
    case 'W':
      return ResultStatus::kWithdrawn;
    case 'I':
    case 'O':
      return ResultStatus::kRegistered;
    case 'X':
    case 'N':
      return ResultStatus::kCancelled;
    default:
      return std::nullopt;
  }
}

void ReadStatus(const Segment& obx, Hl7Observation& observation, Faults& faults) {
  const std::string code = obx.Text(kStatus);
  if (code.empty()) {
    faults.push_back({FaultCode::kRequiredFieldMissing, obx.At(kStatus),
                      "the status of an observation is required"});
    return;
  }
  const std::optional<ResultStatus> status = StatusOf(code);
  if (status) {
    observation.status = *status;
  } else {
    faults.push_back({FaultCode::kTableValueNotFound, obx.At(kStatus), "a status of table 0085"});
  }
}

void CheckLength(const Segment& obx, int field, const std::string& text, size_t longest,
                 Faults& faults) {
  if (CodePoints(text) <= longest) return;
  faults.push_back(
      {FaultCode::kValueTooLong, obx.At(field), fmt::format("at most {} characters", longest)});
}

std::string CutTo(const std::string& text, size_t code_points) {
  size_t at = 0;
  for (size_t seen = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && seen++ == code_points) break;
  }
  return text.substr(0, at);
}

}  // namespace

Coding ReadCoding(const Segment& segment, int field) {
  const auto triplet = [&](int first) {
    Coding coding{segment.Text(field, first + 2), segment.Text(field, first),
                  segment.Text(field, first + 1)};
    if (coding.system == "LOINC" || coding.system == "2.16.840.1.113883.6.1") coding.system = "LN";
    // What is longer than any code system's name is text in the wrong place; the code is the
    // sender's own then.
    if (coding.system.empty() || CodePoints(coding.system) > kLongestSystem) coding.system = "L";
    return coding;
  };
  Coding first = triplet(1);
  Coding second = triplet(4);
  const bool second_is_loinc =
      second.system == "LN" && !second.code.empty() && first.system != "LN";
  if (second_is_loinc || (first.code.empty() && !second.code.empty())) {
    if (second.display.empty()) second.display = first.display;
    return second;
  }
  if (first.display.empty()) first.display = second.display;
  return first;
}

void CheckCoding(const Segment& segment, int field, Coding& coding, Faults& faults) {
  CheckLength(segment, field, coding.code, kLongestCode, faults);
  if (CodePoints(coding.display) > kLongestDisplay)
    coding.display = CutTo(coding.display, kLongestDisplay);
}

std::optional<Hl7Observation> ReadObservation(const hl7::Message& message, const Segment& obx,
                                              const std::string& observed_at, Faults& faults) {
  const size_t before = faults.size();
  Hl7Observation observation;
  observation.where = obx.At(0);
  observation.sent_type = obx.Text(kType);
  observation.code = ReadCoding(obx, kCode);
  if (observation.code.code.empty() && observation.code.display.empty()) {
    faults.push_back({FaultCode::kRequiredFieldMissing, obx.At(kCode),
                      "the observation's code or name is required"});
  }
  CheckCoding(obx, kCode, observation.code, faults);
  observation.sub_id = obx.Text(kSubId);
  CheckLength(obx, kSubId, observation.sub_id, kLongestCode, faults);
  ReadValue(message, obx, observation, faults);
  CheckLength(obx, kValue, observation.value, kLongestValue, faults);
  observation.unit = obx.Text(kUnit);
  if (observation.unit.empty()) observation.unit = obx.Text(kUnit, 2);
  CheckLength(obx, kUnit, observation.unit, kLongestUnit, faults);
  observation.reference_range = obx.FreeText(kRange);
  CheckLength(obx, kRange, observation.reference_range, kLongestRange, faults);
  const int flags = static_cast<int>(obx.Repetitions(kFlags).size());
  if (flags > static_cast<int>(kMostFlags)) {
    faults.push_back(
        {FaultCode::kValueTooLong, obx.At(kFlags), fmt::format("at most {} flags", kMostFlags)});
  }
  for (int flag = 1; flag <= std::min(flags, static_cast<int>(kMostFlags)); ++flag) {
    std::string text = obx.Text(kFlags, 1, flag);
    CheckLength(obx, kFlags, text, kLongestFlag, faults);
    if (!text.empty()) observation.abnormal_flags.push_back(std::move(text));
  }
  ReadStatus(obx, observation, faults);
  observation.observed_at = obx.Text(kObservedAt);
  if (observation.observed_at.empty()) {
    observation.observed_at = observed_at;
  } else if (!hl7::ParseDateTime(observation.observed_at)) {
    faults.push_back({FaultCode::kDataType, obx.At(kObservedAt),
                      "a time YYYY[MM[DD[HH[MM[SS[.S]]]]]] that exists"});
  }
  // Beside the result: one that is too long is cut, not refused.
  observation.method = obx.Text(kMethod);
  if (observation.method.empty()) observation.method = obx.Text(kMethod, 2);
  observation.method = CutTo(observation.method, kLongestMethod);
  if (faults.size() != before) return std::nullopt;
  return observation;
}

}  // namespace yilian::gateway::inbound
