// Blobs as rows of the service's own schema: one backup has both the record and what hangs on it.
#pragma once

#include <vector>

#include "common/blob/blob_store.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"

namespace yilian::blob {

// The default. Each chunk is a row and a transaction of its own. Thread-safe.
class DatabaseBlobStore : public BlobStore {
 public:
  explicit DatabaseBlobStore(mysql::Pool& pool) : pool_(pool) {}
  absl::Status Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                   absl::Time deadline) override;
  absl::StatusOr<std::string> Get(const BlobId& blob, int64_t chunk, absl::Time deadline) override;
  absl::Status Delete(const BlobId& blob, absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

// The table of the chunks, for the service that keeps blobs.
extern const std::vector<mysql::Migration> kMigrations;

}  // namespace yilian::blob
