#include "services/directory/domain/account.h"

#include <algorithm>
#include <array>
#include <set>

#include "common/crypto/hash.h"

namespace yilian::directory {
namespace {

constexpr std::array<std::string_view, 3> kAdministrators = {
    "ROLE_REGIONAL_ADMINISTRATOR", "ROLE_SECURITY_ADMINISTRATOR", "ROLE_AUDITOR"};

}  // namespace

bool IsUserName(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool IsAdministrator(const std::vector<std::string>& roles) {
  return std::any_of(roles.begin(), roles.end(), [](const std::string& role) {
    return std::find(kAdministrators.begin(), kAdministrators.end(), role) != kAdministrators.end();
  });
}

Violations CheckRoles(const std::vector<std::string>& roles) {
  Violations violations;
  const std::set<std::string> distinct(roles.begin(), roles.end());
  if (distinct.size() != roles.size()) violations.push_back({"roles", "a role is named once"});
  if (distinct.contains("ROLE_UNSPECIFIED") || distinct.contains("")) {
    violations.push_back({"roles", "each is a known role"});
  }
  if (IsAdministrator(roles) && distinct.size() > 1) {
    violations.push_back({"roles", "an administrator role stands alone"});
  }
  return violations;
}

std::string SourceKey(std::string_view peer) {
  // 32 bytes that are no text: nobody's name.
  return crypto::Sha256({"sign-in source ", peer});
}

Throttle AfterFailure(const ThrottleRules& rules, const Throttle& before, absl::Time now) {
  Throttle after = before;
  if (now - before.last_failed_at > rules.forget_after) after = Throttle();
  if (after.failures > 0 && rules.forgive_every < absl::InfiniteDuration()) {
    const int64_t forgiven = (now - before.last_failed_at) / rules.forgive_every;
    after.failures -= static_cast<int>(std::min<int64_t>(forgiven, after.failures));
  }
  ++after.failures;
  after.last_failed_at = now;
  const int beyond = after.failures - rules.free_failures;
  if (beyond < 0) return after;
  absl::Duration delay = rules.first_delay;
  for (int i = 0; i < beyond && delay < rules.longest_delay; ++i) delay *= 2;
  after.blocked_until = now + std::min(delay, rules.longest_delay);
  return after;
}

}  // namespace yilian::directory
