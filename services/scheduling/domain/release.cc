#include "services/scheduling/domain/release.h"

namespace yilian::scheduling {

std::vector<Release> DueReleases(const Session& session, absl::Time now) {
  const bool all = session.released < ReleaseStage::kAll && session.open_release_at <= now;
  const bool organization = session.released < ReleaseStage::kOrganization &&
                            (all || session.organization_release_at <= now);
  std::vector<Release> due;
  if (organization) {
    due.push_back({ReleaseStage::kOrganization, PoolKind::kOrganization, PoolKind::kConsortium});
  }
  if (all) {
    due.push_back({ReleaseStage::kAll, PoolKind::kConsortium, PoolKind::kOpen});
    due.push_back({ReleaseStage::kAll, PoolKind::kGreen, PoolKind::kOpen});
  }
  return due;
}

}  // namespace yilian::scheduling
