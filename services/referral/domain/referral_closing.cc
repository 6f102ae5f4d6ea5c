// What is said of a referral once it is completed: by its parties, and by the patient.
#include <utility>

#include "common/base/status_macros.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {
namespace {

// Nobody tries more often; each is a row that every later read brings along.
constexpr size_t kMostContacts = 20;

}  // namespace

absl::StatusOr<Change> Referral::Rate(const Actor& by, int score, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kRate, by, "ReferralRated", at));
  (SideOf(by.organization) == Side::kReferring ? change.after.referrer_score
                                               : change.after.receiver_score) = score;
  return change;
}

absl::StatusOr<Change> Referral::RecordPatientRating(const Actor& by, int score,
                                                     Respondent respondent, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRecordPatientRating, by, "ReferralPatientRated", at));
  change.after.patient_rating =
      PatientRating{.score = score, .respondent = respondent, .asked_by = by, .recorded_at = at};
  return change;
}

absl::StatusOr<Change> Referral::RecordClosingContact(const Actor& by, ClosingContact contact,
                                                      absl::Time at) const {
  ASSIGN_OR_RETURN(Change change,
                   Apply(Command::kRecordClosingContact, by, "ReferralClosingContactRecorded", at));
  errors::Violations violations;
  if (contact.contacted_at > at || (completed_at && contact.contacted_at < *completed_at)) {
    violations.emplace_back("contacted_at", "is after the completion, and not in the future");
  }
  if (!contact.reached && contact.satisfaction != Satisfaction::kNone) {
    violations.emplace_back("satisfaction", "is given only where the patient was reached");
  }
  if (closing_contacts.size() >= kMostContacts) {
    violations.emplace_back("referral_id", "has fewer than 20 contacts after closing so far");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  contact.by = by;
  change.after.closing_contacts.push_back(std::move(contact));
  return change;
}

}  // namespace yilian::referral
