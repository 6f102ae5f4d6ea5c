// What a patient's withdrawal of consent stops, and what it does not.
//
// A referral carries a consent of its own: its referrer says, with `patient_consented`, that the
// patient agreed. Beside it the directory keeps consents by purpose, with evidence, until they are
// revoked. Most patients have none there, which is no refusal; but who withdrew one has said no,
// and a doctor's tick does not outweigh that (Personal Information Protection Law, article 15).
//
// * Handing over stops: to submit (also again, after a return), to redirect to another
// organization,
//   to open a down-referral, to ask for advice or go on asking, to attach something to what the
//   other side has already. Citations go with the submission. CONSENT_WITHDRAWN says to whom, and
//   what to do: ask the patient, have the directory record their new consent, repeat.
// * What was handed over before stays readable to both sides of a referral, and care goes on:
//   treatment needs no more than a care relationship, and what was decided by cannot be unread
//   (article 15: what was done before a withdrawal stays valid). So that nobody goes on unaware,
//   an open referral shows `consent_withdrawn`, and both sides get ReferralConsentWithdrawn; its
//   owner asks the patient, or withdraws it.
// * Once the patient is there (ARRIVED, IN_CARE) the receiver treats them, and gets what it needs.
// * An emergency waits for no paper (article 13, 4): what the doctor says of the patient's
//   agreement is enough. The audit trail has who said it.
#pragma once

#include "absl/status/status.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// A specialist elsewhere who is asked in writing is a remote consultation, not yet a referral.
inline constexpr directory::v1::ConsentPurpose kAdvicePurpose =
    directory::v1::CONSENT_PURPOSE_REMOTE_CONSULTATION;

// Before something about the patient is handed to `to`. FAILED_PRECONDITION CONSENT_WITHDRAWN.
absl::Status CheckConsent(relationship::Check& relationships, const rpc::Call& call,
                          PatientId patient, OrganizationId to,
                          directory::v1::ConsentPurpose purpose);

}  // namespace yilian::referral
