// A patient as a PID segment tells of one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/gateway/domain/hl7/datetime.h"
#include "services/gateway/domain/hl7/message.h"

namespace yilian::gateway::inbound {

enum class Sex { kUnknown, kMale, kFemale };

// A number that an organization gave to a patient. `value` carries the assigning authority and the
// kind where they are not the sender's own medical record number, so that two series of numbers
// never meet: "12345", "12345@BCBS", "HC:12345".
struct PatientIdentifier {
  std::string value;
  bool operator==(const PatientIdentifier&) const = default;
};

struct Hl7Patient {
  std::string name;
  Sex sex = Sex::kUnknown;
  std::optional<hl7::DateTime> birth;  // in the precision sent
  std::string phone;        // digits, blanks, + and -; "" where there is none that can be dialled
  std::string national_id;  // upper case, its check character true
  std::vector<PatientIdentifier> identifiers;

  // YYYY-MM-DD, "" where the day is not known.
  std::string BirthDate() const;
};

// Names of assigning authorities that mean "the sender itself" beside the message's own MSH-3 and
// MSH-4.
using OwnAuthorities = std::vector<std::string>;

// Reads a PID segment. Every fault of the segment is added, not only the first; nullopt when there
// was one.
std::optional<Hl7Patient> ReadPatient(const hl7::Message& message, const hl7::Segment& pid,
                                      const OwnAuthorities& own, hl7::Faults& faults);

// Identifiers in a field of CX repetitions (PID-3, MRG-1), visits and accounts left out.
// `national_id` may be null.
std::vector<PatientIdentifier> ReadIdentifiers(const hl7::Message& message,
                                               const hl7::Segment& segment, int field,
                                               const OwnAuthorities& own, std::string* national_id,
                                               hl7::Faults& faults);

// Longest values that the directory takes.
inline constexpr size_t kLongestIdentifier = 64;
inline constexpr size_t kLongestName = 100;  // code points
inline constexpr size_t kMostIdentifiers = 20;

// Number of code points of UTF-8 text.
size_t CodePoints(std::string_view text);

}  // namespace yilian::gateway::inbound
