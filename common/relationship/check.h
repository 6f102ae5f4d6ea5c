// May this organization see this person's data? The local projection answers; where it says no, the
// directory, which is the authority, is asked: its events may be a moment behind.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/mysql/pool.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::relationship {

// Thread-safe. Blocks: for handler threads.
class Check {
 public:
  Check(mysql::Pool& pool, std::shared_ptr<grpc::Channel> directory, const base::Clock& clock);
  // UNAVAILABLE when the projection says no and the directory cannot be asked.
  absl::StatusOr<bool> MaySee(const base::Uuid& data_subject, const base::Uuid& organization,
                              absl::Time deadline);

 private:
  mysql::Pool& pool_;
  const std::unique_ptr<directory::v1::DirectoryService::Stub> directory_;
  const base::Clock& clock_;
};

}  // namespace yilian::relationship
