// Where the contents of attachments are, as configured.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/blob/blob_store.h"
#include "common/mysql/pool.h"
#include "services/referral/app/config.pb.h"

namespace yilian::referral {

// For --check-config: everything that can be told without the database and the network.
absl::Status CheckBlobStore(const Attachments& config);

// FAILED_PRECONDITION for a folder that cannot be used, errors of CheckBlobStore.
absl::StatusOr<std::unique_ptr<blob::BlobStore>> OpenBlobStore(const Attachments& config,
                                                               mysql::Pool& pool);

}  // namespace yilian::referral
