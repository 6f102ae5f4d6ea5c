// The directory's service catalogue, as the referral domain asks for it.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "services/referral/domain/required_items.h"
#include "yilian/directory/v1/catalog.grpc.pb.h"

namespace yilian::referral {

// Thread-safe. Entries are remembered for a minute; while the directory cannot be asked the last
// answer holds, however old: a doctor is not kept from referring.
class CatalogClient : public RequiredItems {
 public:
  CatalogClient(std::shared_ptr<grpc::Channel> channel, const base::Clock& clock);
  absl::StatusOr<Requirements> Of(DepartmentId department, absl::Time deadline) override;

 private:
  const std::unique_ptr<directory::v1::CatalogService::Stub> stub_;
  const base::Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<DepartmentId, std::pair<absl::Time, Requirements>> known_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::referral
