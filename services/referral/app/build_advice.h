// Wires advice and attachments into the referral service.
#pragma once

#include "absl/status/status.h"
#include "common/crypto/sealed.h"
#include "common/relationship/check.h"
#include "common/service/service.h"
#include "services/referral/app/config.pb.h"
#include "services/referral/domain/advice.h"
#include "services/referral/domain/ports.h"
#include "services/referral/store/mysql_referral_store.h"

namespace yilian::referral {

// What Build has made already; outlives what is made of it.
struct AdviceParts {
  MysqlReferralStore& referrals;
  const Deadlines& deadlines;
  ReceiverDirectory& receivers;
  OrganizationDirectory& organizations;
  relationship::Check& relationships;
  const crypto::Sealer& sealer;
};

absl::Status BuildAdvice(service::Context& context, const ReferralConfig& config,
                         const AdviceParts& parts);

}  // namespace yilian::referral
