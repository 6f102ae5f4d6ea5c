#include "services/directory/domain/patient_index.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kFields = base::Names<MatchField>({
    {MatchField::kSurname, "SURNAME"},
    {MatchField::kGivenName, "GIVEN_NAME"},
    {MatchField::kNameWord, "NAME_WORD"},
    {MatchField::kBirthDate, "BIRTH_DATE"},
    {MatchField::kSex, "SEX"},
    {MatchField::kPhone, "PHONE"},
    {MatchField::kAddress, "ADDRESS"},
    {MatchField::kNationalId, "NATIONAL_ID"},
    {MatchField::kIdentifier, "IDENTIFIER"},
});
constexpr auto kAgreements = base::Names<Agreement>({
    {Agreement::kEqual, "EQUAL"},
    {Agreement::kSound, "SOUND"},
    {Agreement::kNearSound, "NEAR_SOUND"},
    {Agreement::kClose, "CLOSE"},
    {Agreement::kPart, "PART"},
    {Agreement::kDifferent, "DIFFERENT"},
});
constexpr auto kStates = base::Names<ReviewState>({
    {ReviewState::kOpen, "OPEN"},
    {ReviewState::kSame, "SAME"},
    {ReviewState::kDifferent, "DIFFERENT"},
});

// Most that a review keeps: a name of many words and many identifiers would make it long.
constexpr size_t kMostAgreements = 12;

}  // namespace

std::string_view Name(MatchField field) { return kFields.NameOf(field); }
std::string_view Name(Agreement agreement) { return kAgreements.NameOf(agreement); }
std::string_view Name(ReviewState state) { return kStates.NameOf(state); }
std::optional<ReviewState> ReviewStateFromName(std::string_view name) {
  return kStates.ValueOf(name);
}

std::string TextOf(const std::vector<FieldAgreement>& agreements) {
  std::string text;
  for (size_t i = 0; i < std::min(agreements.size(), kMostAgreements); ++i) {
    if (i > 0) text += ",";
    text += std::string(Name(agreements[i].field)) + "=";
    text += Name(agreements[i].agreement);
  }
  return text;
}

std::vector<FieldAgreement> AgreementsFromText(std::string_view text) {
  std::vector<FieldAgreement> agreements;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    const size_t middle = one.find('=');
    if (middle == std::string_view::npos) break;
    const auto field = kFields.ValueOf(one.substr(0, middle));
    const auto agreement = kAgreements.ValueOf(one.substr(middle + 1));
    if (field && agreement) agreements.push_back({*field, *agreement, 0});
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return agreements;
}

MatchReview NewReview(PatientId a, PatientId b, const Comparison& comparison, absl::Time at) {
  return {.id = ReviewId::New(at),
          .low = std::min(a, b),
          .high = std::max(a, b),
          .decibits = std::lround(comparison.bits * 10),
          .agreements = comparison.fields,
          .due_at = at,
          .created_at = at};
}

absl::StatusOr<MatchReview> Decide(const MatchReview& review, const ReviewDecision& decision,
                                   absl::Time at) {
  if (review.state != ReviewState::kOpen) return errors::ReviewDecided(Name(review.state));
  if (review.version != decision.version) return errors::EtagStale(review.version);
  Violations violations;
  const bool names_one = decision.survivor == review.low || decision.survivor == review.high;
  if (decision.state == ReviewState::kSame && !names_one) {
    violations.push_back({"surviving_patient_id", "is one of the two records"});
  }
  if (decision.state == ReviewState::kOpen && decision.defer_days < 1) {
    violations.push_back({"defer_days", "is 1 to 365 where the decision is put off"});
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  MatchReview next = review;
  ++next.version;
  if (decision.state == ReviewState::kOpen) {
    next.due_at = at + absl::Hours(24 * decision.defer_days);
    return next;
  }
  next.state = decision.state;
  next.decided_at = at;
  next.decided_by = decision.by;
  return next;
}

absl::StatusOr<Identifier> NormalOwnIdentifier(const Identifier& identifier, const Actor& actor) {
  if (IsCardIssuer(identifier.issuer)) {
    const Identifier normal = {identifier.issuer, NormalCardNumber(identifier.value)};
    if (!normal.value.empty()) return normal;
    return errors::FieldInvalid({{"identifier.value", std::string(kCardRule)}});
  }
  const absl::StatusOr<OrganizationId> issuer = OrganizationId::Parse(identifier.issuer);
  if (!issuer.ok() || (!actor.is_service && *issuer != actor.organization)) {
    return errors::FieldInvalid(
        {{"identifier.issuer", "is your own organization, CN-INSURANCE or CN-HEALTH-CARD"}});
  }
  return Identifier{issuer->ToString(), identifier.value};
}

}  // namespace yilian::directory
