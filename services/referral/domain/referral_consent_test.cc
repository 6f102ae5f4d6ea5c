#include <gtest/gtest.h>

#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

constexpr State kEvery[] = {State::kDraft,    State::kSubmitted, State::kReturned,
                            State::kAccepted, State::kSlotHeld,  State::kScheduled,
                            State::kArrived,  State::kInCare,    State::kCompleted,
                            State::kRejected, State::kCancelled, State::kNoShow};

TEST(WithdrawnConsent, IsNotedOnWhatWasHandedOverAndIsOpen) {
  for (const State state : kEvery) {
    const Referral before = InState(state);
    const auto change = before.NoteConsent(true, kMonday + absl::Hours(1));
    const bool open = state != State::kDraft && !IsTerminal(state);
    ASSERT_EQ(change.has_value(), open) << Name(state);
    if (!open) continue;
    EXPECT_TRUE(change->after.consent_withdrawn);
    EXPECT_EQ(change->events, std::vector<std::string>{"ReferralConsentWithdrawn"});
    EXPECT_EQ(change->after.version, before.version + 1);
    // Nothing else moves: neither side loses the referral, its clock or its next step.
    EXPECT_EQ(change->after.state, before.state);
    EXPECT_EQ(change->after.due_at, before.due_at);
    EXPECT_EQ(change->after.owner(), before.owner());
    EXPECT_EQ(change->after.AvailableTo(kHospital), before.AvailableTo(kHospital));
  }
}

TEST(WithdrawnConsent, IsNotedOnceAndTakenBackOnce) {
  const Referral submitted = InState(State::kSubmitted);
  EXPECT_FALSE(submitted.NoteConsent(false, kMonday).has_value());
  const Referral noted = submitted.NoteConsent(true, kMonday)->after;
  EXPECT_FALSE(noted.NoteConsent(true, kMonday).has_value());
  const auto renewed = noted.NoteConsent(false, kMonday);
  EXPECT_EQ(renewed->events, std::vector<std::string>{"ReferralConsentRenewed"});
  EXPECT_FALSE(renewed->after.consent_withdrawn);
}

TEST(WithdrawnConsent, StopsAddingButForADraftAndForAPatientWhoIsThere) {
  for (const State state : kEvery) {
    const bool free = state == State::kDraft || state == State::kArrived || state == State::kInCare;
    EXPECT_EQ(InState(state).NeedsConsentToAdd(), !free) << Name(state);
  }
}

}  // namespace
}  // namespace yilian::referral
