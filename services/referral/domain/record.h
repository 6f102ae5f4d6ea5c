// What an attachment hangs on: a referral or an advice thread.
#pragma once

#include <string>
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
  // Whose it is to write: the referring or asking side.
  OrganizationId owner;
  // Who gets what the owner adds by the patient's consent alone; nil: nobody at present.
  OrganizationId shared_with;
  bool draft = false;     // the owner's alone
  bool returned = false;  // with the owner again, to be put right
  std::string state;      // for errors: the referral's, or "ADVICE"
};

}  // namespace yilian::referral
