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
#include "common/relationship/consents.h"
#include "common/rpc/call.h"
#include "yilian/directory/v1/access.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::relationship {

// Thread-safe. Blocks: for handler threads.
class Check {
 public:
  Check(mysql::Pool& pool, std::shared_ptr<grpc::Channel> directory, const base::Clock& clock);
  // For writes, and reads without a person. UNAVAILABLE when the projection says no and the
  // directory cannot be asked. FAILED_PRECONDITION PATIENT_MERGED, naming the survivor, for a
  // record that is closed because it was merged.
  absl::StatusOr<bool> MaySee(const base::Uuid& data_subject, const base::Uuid& organization,
                              absl::Time deadline);
  // For reads: the same, or the caller's person has opened the data in an emergency
  // (AccessService.BreakGlass). Never before a write.
  absl::StatusOr<bool> MayRead(const base::Uuid& data_subject, const rpc::Caller& caller,
                               absl::Time deadline);
  // Before something is shared that was agreed to elsewhere: the person has withdrawn a consent
  // that named this organization, and has not agreed anew. The local consents answer (their
  // consumer is the service's, see ConsentEventTypes); where they say yes, the directory is asked
  // whether they are behind. UNAVAILABLE when it cannot be.
  absl::StatusOr<bool> Withdrew(const base::Uuid& data_subject, const base::Uuid& organization,
                                directory::v1::ConsentPurpose purpose, absl::Time deadline);
  // For a use that goes beyond treatment: the person agreed to it (AccessService.RecordConsent).
  // Asks the directory, which is told of a revocation first.
  absl::StatusOr<bool> MayUse(const base::Uuid& data_subject, const base::Uuid& organization,
                              directory::v1::ConsentPurpose purpose, absl::Time deadline);

 private:
  absl::StatusOr<bool> AskDirectory(const base::Uuid& data_subject, const base::Uuid& organization,
                                    const base::Uuid& user, absl::Time deadline);

  mysql::Pool& pool_;
  const std::unique_ptr<directory::v1::DirectoryService::Stub> directory_;
  const std::unique_ptr<directory::v1::AccessService::Stub> access_;
  const base::Clock& clock_;
};

}  // namespace yilian::relationship
