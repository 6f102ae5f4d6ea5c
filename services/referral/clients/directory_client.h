// What `directory` knows, as the referral domain asks for it.
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

// Thread-safe. Receivers that exist are remembered for a minute; what does not exist is asked for
// again, since it may have been registered a moment ago.
class DirectoryClient : public ReceiverDirectory {
 public:
  DirectoryClient(std::shared_ptr<grpc::Channel> channel, const base::Clock& clock);
  absl::StatusOr<bool> Exists(OrganizationId organization, DepartmentId department,
                              absl::Time deadline) override;

 private:
  using Key = std::pair<OrganizationId, DepartmentId>;
  absl::StatusOr<bool> Ask(OrganizationId organization, DepartmentId department,
                           absl::Time deadline);

  const std::unique_ptr<directory::v1::DirectoryService::Stub> stub_;
  const base::Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Key, absl::Time> known_until_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::referral
