// A consent that was withdrawn while the referral is under way; the rule is in rpc/consent.h.
#include "services/referral/domain/referral.h"

namespace yilian::referral {

std::optional<Change> Referral::NoteConsent(bool withdrawn, absl::Time at) const {
  // A draft has been handed to nobody; what is closed hands nothing over any more.
  if (!submitted_at || IsTerminal(state) || withdrawn == consent_withdrawn) return std::nullopt;
  Change change = Next(withdrawn ? "ReferralConsentWithdrawn" : "ReferralConsentRenewed", at);
  change.after.consent_withdrawn = withdrawn;
  return change;
}

bool Referral::NeedsConsentToAdd() const {
  return submitted_at && state != State::kArrived && state != State::kInCare;
}

}  // namespace yilian::referral
