// What ties a referral to others: the one it follows, replaces or stands in the way of; the patient
// it is about.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Who has a unique key that somebody else wants.
struct KeyHolder {
  ReferralId referral;
  OrganizationId referring_organization;
  OrganizationId receiving_organization;
};
// `query`: queries::kFindOpen or kFindSource.
absl::StatusOr<std::optional<KeyHolder>> HolderOf(mysql::Session& session,
                                                  const mysql::Query& query, const base::Uuid& key);

}  // namespace yilian::referral
