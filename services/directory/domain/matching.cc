#include "services/directory/domain/matching.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <utility>

#include "services/directory/domain/name_comparison.h"
#include "services/directory/domain/sound.h"

namespace yilian::directory {
namespace {

using Fields = std::vector<FieldAgreement>;

// Of a pair that is one person (m) and of one that is two (u), how many agree so. Of names:
// name_comparison.cc.
struct Odds {
  MatchField field;
  Agreement agreement;
  double m;
  double u;
};
constexpr Odds kOdds[] = {
    {MatchField::kBirthDate, Agreement::kEqual, 0.93, 1.0 / 25'000},
    {MatchField::kBirthDate, Agreement::kClose, 0.04, 1.0 / 1'000},
    // A village register that knows the year alone writes the first of January.
    {MatchField::kBirthDate, Agreement::kPart, 0.08, 1.0 / 100},
    {MatchField::kBirthDate, Agreement::kDifferent, 0.015, 0.99},
    {MatchField::kSex, Agreement::kEqual, 0.99, 0.5},
    {MatchField::kSex, Agreement::kDifferent, 0.01, 0.5},
    // Households share a number: not the one in 430,000 that chance would have.
    {MatchField::kPhone, Agreement::kEqual, 0.6, 1.0 / 1'700},
    {MatchField::kPhone, Agreement::kClose, 0.05, 1.0 / 1'000},
    {MatchField::kPhone, Agreement::kDifferent, 0.35, 0.99},
    // A household, again, or a village.
    {MatchField::kAddress, Agreement::kEqual, 0.5, 1.0 / 50},
    {MatchField::kAddress, Agreement::kPart, 0.3, 1.0 / 10},
    {MatchField::kAddress, Agreement::kDifferent, 0.2, 0.9},
    {MatchField::kNationalId, Agreement::kEqual, 0.999, 1.0 / 10'000'000},
    {MatchField::kNationalId, Agreement::kDifferent, 1.0 / 1'000'000'000'000, 1.0},
    {MatchField::kIdentifier, Agreement::kEqual, 0.9, 1.0 / 10'000'000},
    {MatchField::kIdentifier, Agreement::kClose, 0.05, 1.0 / 1'000},
    // A second record at one hospital has a second number: little against one person.
    {MatchField::kIdentifier, Agreement::kDifferent, 0.25, 1.0},
};

FieldAgreement Weigh(MatchField field, Agreement agreement) {
  for (const Odds& odds : kOdds) {
    if (odds.field == field && odds.agreement == agreement) {
      return {field, agreement, std::log2(odds.m / odds.u)};
    }
  }
  return {field, agreement, 0};
}

// The first of January that somebody wrote for "some day of the year".
bool KnowsYearAlone(absl::CivilDay day) { return day.month() == 1 && day.day() == 1; }

FieldAgreement CompareDates(absl::CivilDay a, absl::CivilDay b) {
  const auto weigh = [](Agreement agreement) { return Weigh(MatchField::kBirthDate, agreement); };
  if (a.year() == b.year() && (KnowsYearAlone(a) || KnowsYearAlone(b))) {
    return weigh(Agreement::kPart);
  }
  if (a == b) return weigh(Agreement::kEqual);
  if (a.year() == b.year() && a.month() == b.day() && a.day() == b.month()) {
    return weigh(Agreement::kClose);
  }
  const auto digits = [](absl::CivilDay day) {
    std::string text = absl::FormatCivilTime(day);
    std::erase(text, '-');
    return text;
  };
  return weigh(OneSlip(digits(a), digits(b)) ? Agreement::kClose : Agreement::kDifferent);
}

FieldAgreement CompareAddresses(const std::vector<std::string>& a,
                                const std::vector<std::string>& b) {
  std::vector<std::string> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  // Of the shorter one: the longer may name province and city as well.
  const double share = static_cast<double>(common.size()) / std::min(a.size(), b.size());
  if (share >= 0.9) return Weigh(MatchField::kAddress, Agreement::kEqual);
  if (share >= 0.5) return Weigh(MatchField::kAddress, Agreement::kPart);
  return Weigh(MatchField::kAddress, Agreement::kDifferent);
}

// One entry an issuer that both know: the best that its identifiers agree.
void CompareIdentifiers(const MatchFacts& a, const MatchFacts& b, Fields& fields) {
  std::vector<std::pair<std::string_view, Agreement>> best;
  for (const Identifier& one : a.identifiers) {
    for (const Identifier& other : b.identifiers) {
      if (one.issuer != other.issuer) continue;
      Agreement agreement = Agreement::kDifferent;
      if (one.value == other.value) {
        agreement = Agreement::kEqual;
      } else if (one.issuer != kNationalIdIssuer && one.value.size() >= 6 &&
                 OneSlip(one.value, other.value)) {
        agreement = Agreement::kClose;
      }
      const auto known = std::find_if(best.begin(), best.end(),
                                      [&](const auto& entry) { return entry.first == one.issuer; });
      if (known == best.end()) {
        best.emplace_back(one.issuer, agreement);
      } else {
        known->second = std::min(known->second, agreement);
      }
    }
  }
  for (const auto& [issuer, agreement] : best) {
    fields.push_back(
        Weigh(issuer == kNationalIdIssuer ? MatchField::kNationalId : MatchField::kIdentifier,
              agreement));
  }
}

bool IsHanLead(unsigned char lead) { return lead >= 0xE3 && lead <= 0xE9; }

}  // namespace

std::string NormalPhone(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  for (const std::string_view code : {"0086", "86"}) {
    if (digits.size() == code.size() + 11 && digits.starts_with(code)) digits.erase(0, code.size());
  }
  return digits;
}

std::vector<std::string> AddressTokens(std::string_view address) {
  std::vector<std::string> tokens;
  std::string word;
  std::string_view before;  // the Han character to the left
  for (size_t i = 0; i < address.size();) {
    const std::string_view one = FirstCharacters(address.substr(i), 1);
    const bool han = one.size() == 3 && IsHanLead(static_cast<unsigned char>(one[0]));
    const bool alphanumeric = one.size() == 1 && std::isalnum(static_cast<unsigned char>(one[0]));
    if (alphanumeric) word.push_back(static_cast<char>(std::tolower(one[0])));
    if (!alphanumeric && !word.empty()) tokens.push_back(std::exchange(word, ""));
    if (han && !before.empty()) tokens.push_back(std::string(before) + std::string(one));
    before = han ? one : std::string_view();
    i += one.size();
  }
  if (!word.empty()) tokens.push_back(word);
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

MatchFacts MatchFactsOf(const NameReader& names, const RegisterPatient& said) {
  MatchFacts facts{.name = names.Read(said.name),
                   .sex = said.sex,
                   .birth_date = said.birth_date,
                   .phone = NormalPhone(said.phone),
                   .address = AddressTokens(said.address),
                   .identifiers = said.identifiers};
  if (!said.national_id.empty()) {
    facts.identifiers.push_back({std::string(kNationalIdIssuer), said.national_id});
  }
  return facts;
}

MatchFacts MatchFactsOf(const NameReader& names, const Patient& known) {
  return MatchFactsOf(names, RegisterPatient{.name = known.name,
                                             .sex = known.sex,
                                             .birth_date = known.birth_date,
                                             .phone = known.phone,
                                             .address = known.address,
                                             .national_id = known.national_id,
                                             .identifiers = known.identifiers});
}

bool Comparison::Has(MatchField field, Agreement agreement) const {
  return std::any_of(fields.begin(), fields.end(), [&](const FieldAgreement& one) {
    return one.field == field && one.agreement == agreement;
  });
}

Comparison Compare(const MatchFacts& a, const MatchFacts& b) {
  Comparison comparison;
  Fields& fields = comparison.fields;
  fields = CompareNames(a.name, b.name);
  if (a.birth_date && b.birth_date) fields.push_back(CompareDates(*a.birth_date, *b.birth_date));
  if (a.sex != Sex::kUnknown && b.sex != Sex::kUnknown) {
    fields.push_back(
        Weigh(MatchField::kSex, a.sex == b.sex ? Agreement::kEqual : Agreement::kDifferent));
  }
  if (!a.phone.empty() && !b.phone.empty()) {
    Agreement agreement = Agreement::kDifferent;
    if (a.phone == b.phone) agreement = Agreement::kEqual;
    if (OneSlip(a.phone, b.phone)) agreement = Agreement::kClose;
    fields.push_back(Weigh(MatchField::kPhone, agreement));
  }
  if (!a.address.empty() && !b.address.empty()) {
    fields.push_back(CompareAddresses(a.address, b.address));
  }
  CompareIdentifiers(a, b, fields);
  for (const FieldAgreement& field : fields) comparison.bits += field.bits;
  return comparison;
}

Verdict Judge(const Comparison& comparison) {
  if (comparison.Has(MatchField::kNationalId, Agreement::kDifferent)) return Verdict::kDifferent;
  if (comparison.Has(MatchField::kNationalId, Agreement::kEqual) ||
      comparison.Has(MatchField::kIdentifier, Agreement::kEqual)) {
    return Verdict::kSame;
  }
  if (comparison.bits < kReviewBits) return Verdict::kDifferent;
  const bool safe = comparison.bits >= kAutomaticBits &&
                    std::all_of(comparison.fields.begin(), comparison.fields.end(),
                                [](const FieldAgreement& one) {
                                  const bool of_name = one.field == MatchField::kSurname ||
                                                       one.field == MatchField::kGivenName ||
                                                       one.field == MatchField::kNameWord;
                                  return !(of_name && one.agreement != Agreement::kEqual) &&
                                         !(one.field == MatchField::kSex &&
                                           one.agreement == Agreement::kDifferent);
                                }) &&
                    comparison.Has(MatchField::kBirthDate, Agreement::kEqual) &&
                    (comparison.Has(MatchField::kPhone, Agreement::kEqual) ||
                     comparison.Has(MatchField::kAddress, Agreement::kEqual) ||
                     comparison.Has(MatchField::kIdentifier, Agreement::kClose));
  return safe ? Verdict::kSame : Verdict::kReview;
}

}  // namespace yilian::directory
