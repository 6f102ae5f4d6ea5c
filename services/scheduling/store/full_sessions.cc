#include "services/scheduling/store/full_sessions.h"

namespace yilian::scheduling {
namespace {

// No call waits for longer than its deadline allows, and none is longer than this (common/rpc).
constexpr auto kKept = std::chrono::minutes(1);
// Beyond it the table is looked through for what is too old.
constexpr size_t kMost = 1024;

}  // namespace

std::optional<FullSessions::Asker> FullSessions::AskerOf(const HoldCommand& command) {
  if (command.session.is_nil() || !command.referral.is_nil()) return std::nullopt;
  return Asker{command.session, command.organization, command.green};
}

void FullSessions::Remember(const Asker& asker, Instant looked, const absl::Status& refusal) {
  const absl::MutexLock lock(&mutex_);
  if (looks_.size() >= kMost) {
    std::erase_if(looks_, [&](const auto& look) { return looked - look.second.at > kKept; });
    // As many sessions full within a minute: each is looked at for itself then.
    if (looks_.size() >= kMost) return;
  }
  const auto [at, fresh] = looks_.try_emplace(asker, Look{looked, refusal});
  if (!fresh && at->second.at < looked) at->second = {looked, refusal};
}

std::optional<absl::Status> FullSessions::Since(const Asker& asker, Instant arrived) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = looks_.find(asker);
  if (found == looks_.end() || found->second.at < arrived) return std::nullopt;
  return found->second.refusal;
}

}  // namespace yilian::scheduling
