// What an attachment hangs on: a referral or an advice thread.
#pragma once

#include <vector>

#include "common/base/uuid.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

using AdviceId = base::Id<struct AdviceTag>;

// Exactly one of the two is not nil.
struct RecordRef {
  ReferralId referral;
  AdviceId advice;
  bool operator==(const RecordRef&) const = default;
};

// What the use cases of attachments need to know of a record.
struct RecordView {
  PatientId patient;
  bool open = true;                     // nothing is added to a closed one
  std::vector<OrganizationId> parties;  // who may see it now
};

}  // namespace yilian::referral
