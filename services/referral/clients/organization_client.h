// Organizations in `directory`, as the rules of receivers ask for them.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "services/referral/domain/ports.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::referral {

// Thread-safe. Organizations that exist are remembered for a minute: tiers and consortia hardly
// change.
class OrganizationClient : public OrganizationDirectory {
 public:
  OrganizationClient(std::shared_ptr<grpc::Channel> channel, const base::Clock& clock);
  absl::StatusOr<std::optional<Organization>> Find(OrganizationId organization,
                                                   absl::Time deadline) override;

 private:
  const std::unique_ptr<directory::v1::DirectoryService::Stub> stub_;
  const base::Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<OrganizationId, std::pair<absl::Time, Organization>> known_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::referral
