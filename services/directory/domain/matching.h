// Are two records one person? Each field that both know says how much more likely its agreement is
// for one person than for two, in bits (Fellegi and Sunter, 1969); a field that either lacks says
// nothing. The table of README.md is this file's in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/domain/name_form.h"
#include "services/directory/domain/patient.h"

namespace yilian::directory {

// What is compared, in the form in which it is.
struct MatchFacts {
  NameForm name;
  Sex sex = Sex::kUnknown;
  std::optional<absl::CivilDay> birth_date;
  std::string phone;                    // digits
  std::vector<std::string> address;     // sorted tokens
  std::vector<Identifier> identifiers;  // the resident identity number among them
};

MatchFacts MatchFactsOf(const NameReader& names, const RegisterPatient& said);
MatchFacts MatchFactsOf(const NameReader& names, const Patient& known);

// Digits alone, without China's country code.
std::string NormalPhone(std::string_view phone);
// Numbers, words, and pairs of neighbouring Han characters; sorted, each once.
std::vector<std::string> AddressTokens(std::string_view address);

// Numbers are those of the proto's enums; a test compares them.
enum class MatchField {
  kSurname = 1,  // of a Han name
  kGivenName,    // of a Han name
  kNameWord,     // one word of a name in letters, whichever its place
  kBirthDate,
  kSex,
  kPhone,
  kAddress,
  kNationalId,
  kIdentifier,  // of an organization or a card
};
enum class Agreement {
  kEqual = 1,
  kSound,      // other characters, the same pinyin
  kNearSound,  // as the south does not keep it apart, or misspelt by ear
  kClose,      // one slip: a letter, a digit, two neighbours swapped, day and month swapped
  kPart,       // some of it: one of two characters, the year alone, most of an address
  kDifferent,
};

struct FieldAgreement {
  MatchField field = MatchField::kSurname;
  Agreement agreement = Agreement::kDifferent;
  double bits = 0;
  bool operator==(const FieldAgreement&) const = default;
};

struct Comparison {
  double bits = 0;
  std::vector<FieldAgreement> fields;  // those that both know
  bool Has(MatchField field, Agreement agreement) const;
};

Comparison Compare(const MatchFacts& a, const MatchFacts& b);

// Above: one person without anybody looking, if IsSafe. With 430,000 records (18.7 bits) and one of
// them the person, 30 bits leave a chance of 1 in 2,500 that it is another.
inline constexpr double kAutomaticBits = 30;
// Above: a person decides. Below, chance explains the agreement well enough.
inline constexpr double kReviewBits = 20;

enum class Verdict { kDifferent = 1, kReview, kSame };

// kSame needs kAutomaticBits and agreement that twins, parent and child, and namesakes do not have:
// the whole name equal to the character, the birth date equal, no other sex, no other resident
// identity number, and a telephone number, address or identifier that agrees as well. An
// identifier of one issuer that is equal decides alone. Two resident identity numbers are two
// people: neither has a slip that its check character lets through.
Verdict Judge(const Comparison& comparison);

}  // namespace yilian::directory
