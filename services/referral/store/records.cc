#include "services/referral/store/records.h"

#include "common/base/status_macros.h"
#include "services/referral/domain/advice_errors.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

// Index: primary key.
constexpr mysql::Query kLockReferral{
    "attachment.LockReferral", "SELECT referral_id FROM referral WHERE referral_id = ? FOR UPDATE"};
// Index: primary key.
constexpr mysql::Query kLockAdvice{"attachment.LockAdvice",
                                   "SELECT advice_id FROM advice WHERE advice_id = ? FOR UPDATE"};

absl::Status Taken(const mysql::Row&) { return absl::OkStatus(); }

}  // namespace

absl::StatusOr<std::optional<RecordView>> Records::View(mysql::Session& session,
                                                        const RecordRef& record,
                                                        OrganizationId party) const {
  if (!record.advice.is_nil()) {
    ASSIGN_OR_RETURN(const std::optional<Advice> advice, advice_.Find(session, record.advice));
    if (!advice || !advice->SideOf(party)) return std::optional<RecordView>();
    return RecordView{.patient = advice->patient,
                      .open = !IsOver(advice->state),
                      .parties = {advice->asking.organization, advice->advising_organization},
                      .owner = advice->asking.organization,
                      .shared_with = advice->advising_organization,
                      .state = "ADVICE"};
  }
  ASSIGN_OR_RETURN(const std::optional<Referral> referral,
                   referrals_.Find(session, record.referral));
  if (!referral || !referral->SideOf(party)) return std::optional<RecordView>();
  RecordView view{.patient = referral->patient,
                  .open = !IsTerminal(referral->state),
                  .parties = {referral->referring_organization},
                  .owner = referral->referring_organization,
                  .draft = referral->state == State::kDraft,
                  .returned = referral->state == State::kReturned,
                  .state = std::string(Name(referral->state))};
  if (referral->NeedsConsentToAdd() && referral->urgency != Urgency::kEmergency) {
    view.shared_with = referral->receiving_organization;
  }
  if (referral->SideOf(referral->receiving_organization)) {
    view.parties.push_back(referral->receiving_organization);
  }
  return view;
}

absl::Status Records::Lock(mysql::Session& session, const RecordRef& record) const {
  return record.advice.is_nil() ? session.SelectValues(kLockReferral, {record.referral}, Taken)
                                : session.SelectValues(kLockAdvice, {record.advice}, Taken);
}

absl::Status Records::NotFound(const RecordRef& record) {
  return record.advice.is_nil() ? errors::NotFound() : errors::AdviceNotFound();
}

}  // namespace yilian::referral
