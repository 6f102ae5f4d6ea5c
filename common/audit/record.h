// Who did what to whose record: what every audited call leaves behind. Ids only, never contents.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::audit {

enum class Action { kRead, kWrite, kRefused };

struct Record {
  base::Uuid audit_id;
  absl::Time occurred_at;
  std::string method;  // "/yilian.referral.v1.ReferralService/AcceptReferral", or "job:<name>"
  Action action = Action::kRead;
  std::string peer;            // SPIFFE URI of the certificate
  base::Uuid user_id;          // nil: no person
  base::Uuid organization_id;  // of the caller; nil: a service
  std::string subject_type;    // "referral"
  base::Uuid subject_id;       // nil for lists
  base::Uuid data_subject_id;  // whose data it is (the person's id); nil where it is about nobody
  std::string outcome;         // "OK" or the error's reason
  std::string trace_id;        // W3C trace id, 32 hex digits
};

}  // namespace yilian::audit
