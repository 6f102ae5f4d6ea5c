#include "services/referral/store/closing_rows.h"

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "services/referral/store/queries.h"
#include "services/referral/store/rows.h"

namespace yilian::referral {
namespace {

using mysql::OrNull;
using mysql::Row;

Actor ActorIn(const Row& row, int at) {
  return {.organization = row.Id<OrganizationId>(at),
          .practitioner = row.Id<PractitionerId>(at + 1)};
}

PatientRating RatingFromRow(const Row& row) {
  return {.score = static_cast<int>(row.Int(0)),
          .respondent = static_cast<Respondent>(row.Int(1)),
          .asked_by = ActorIn(row, 2),
          .recorded_at = row.Time(4)};
}

ClosingContact ContactFromRow(const Row& row) {
  return {.by = ActorIn(row, 0),
          .contacted_at = row.Time(2),
          .reached = row.Bool(3),
          .satisfaction = static_cast<Satisfaction>(row.Int(4)),
          .remarks = row.Text(5)};
}

}  // namespace

absl::Status ReadClosing(mysql::Session& session, Referral& referral) {
  if (referral.state != State::kCompleted) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      referral.patient_rating,
      session.SelectOne<PatientRating>(queries::kGetPatientRating, RatingFromRow, referral.id));
  ASSIGN_OR_RETURN(
      referral.closing_contacts,
      session.SelectAll<ClosingContact>(queries::kGetClosingContacts, ContactFromRow, referral.id));
  return absl::OkStatus();
}

absl::Status WriteClosing(mysql::Session& session, const Referral* before, const Referral& after) {
  if (before == nullptr) return absl::OkStatus();
  if (after.patient_rating && after.patient_rating != before->patient_rating) {
    const PatientRating& rating = *after.patient_rating;
    RETURN_IF_ERROR(session
                        .Execute(queries::kSavePatientRating, after.id, rating.score,
                                 static_cast<int>(rating.respondent), rating.asked_by.organization,
                                 OrNull(rating.asked_by.practitioner), rating.recorded_at)
                        .status());
  }
  for (size_t i = before->closing_contacts.size(); i < after.closing_contacts.size(); ++i) {
    const ClosingContact& contact = after.closing_contacts[i];
    RETURN_IF_ERROR(session
                        .Execute(queries::kInsertClosingContact, after.id, static_cast<int>(i),
                                 contact.by.organization, OrNull(contact.by.practitioner),
                                 contact.contacted_at, contact.reached,
                                 static_cast<int>(contact.satisfaction), contact.remarks)
                        .status());
  }
  return absl::OkStatus();
}

}  // namespace yilian::referral
