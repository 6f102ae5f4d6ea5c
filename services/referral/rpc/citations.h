// Whether the laboratory reports that a referral cites are there, asked of `lab` when it is
// submitted.
//
// * A report that does not exist, is about another patient, or that the referrer may not see is
//   refused, each citation by its field: the three look alike.
// * Where `lab` does not answer within 2 s the submission is refused, UNAVAILABLE, with the remedy:
//   a receiver who decides by a report that is not there decides wrongly.
// * The green channel and emergencies wait for no laboratory service: they are submitted, and
//   `citations_unchecked` tells the receiver.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/referral/domain/ports.h"

namespace yilian::referral {

// What is to be submitted, as far as its citations are concerned.
struct Citing {
  PatientId patient;
  Channel channel = Channel::kStandard;
  Urgency urgency = Urgency::kRoutine;
  const std::vector<Citation>& citations;
};

// True: they could not be checked, and it is submitted all the same. FIELD_INVALID,
// CITATIONS_UNCHECKED. Ids that are no UUIDs are the domain's to refuse.
absl::StatusOr<bool> CheckCited(CitedReports& reports, const rpc::Call& call, const Citing& citing);

}  // namespace yilian::referral
