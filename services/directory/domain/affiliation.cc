#include "services/directory/domain/affiliation.h"

#include <algorithm>
#include <array>
#include <set>

#include "services/directory/domain/account.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {

absl::Status CheckAdded(const std::vector<Affiliation>& present, const Affiliation& added,
                        absl::Time now) {
  Violations violations = CheckRoles(added.roles);
  if (added.ends_at && (*added.ends_at <= added.started_at || *added.ends_at <= now)) {
    violations.push_back({"ends_at", "lies after the start and in the future"});
  }
  std::set<std::string> held(added.roles.begin(), added.roles.end());
  for (const Affiliation& one : present) {
    if (!one.IsOver(now)) held.insert(one.roles.begin(), one.roles.end());
  }
  if (violations.empty()) violations = CheckRoles({held.begin(), held.end()});
  if (!violations.empty()) return errors::FieldInvalid(violations);
  for (const Affiliation& one : present) {
    if (one.organization == added.organization && Overlap(one.period(), added.period())) {
      return errors::IdentifierTaken("affiliation");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEnd(const Affiliation& affiliation, absl::Time ends_at, absl::Time now) {
  if (ends_at < now) return errors::FieldInvalid({{"ends_at", "is not in the past"}});
  if (affiliation.ends_at && ends_at > *affiliation.ends_at) {
    return errors::FieldInvalid({{"ends_at", "is not after the present end"}});
  }
  return absl::OkStatus();
}

std::optional<Affiliation> Choose(const std::vector<Affiliation>& all, OrganizationId wanted,
                                  absl::Time at) {
  std::optional<Affiliation> chosen;
  for (const Affiliation& one : all) {
    if (!one.IsLive(at) || (!wanted.is_nil() && one.organization != wanted)) continue;
    // Of two that began at once, the one that the account was opened with.
    const bool is_first = one.id.uuid() == one.user.uuid();
    if (!chosen || one.started_at < chosen->started_at ||
        (one.started_at == chosen->started_at && is_first)) {
      chosen = one;
    }
  }
  return chosen;
}

}  // namespace yilian::directory
