#include "common/blob/database_blob_store.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"

namespace yilian::blob {
namespace {

// Index: primary key, which also keeps a second content out.
constexpr mysql::Query kPut{
    "blob.Put", "INSERT INTO blob_chunk (blob_id, chunk, sha256, content) VALUES (?, ?, ?, ?)"};
// Index: primary key.
constexpr mysql::Query kHash{"blob.Hash",
                             "SELECT sha256 FROM blob_chunk WHERE blob_id = ? AND chunk = ?"};
// Index: primary key.
constexpr mysql::Query kGet{
    "blob.Get", "SELECT content, sha256 FROM blob_chunk WHERE blob_id = ? AND chunk = ?"};
// Index: primary key. A few rows at a time: one transaction over a whole blob would fill the undo
// log with megabytes.
constexpr mysql::Query kDelete{"blob.Delete", "DELETE FROM blob_chunk WHERE blob_id = ? LIMIT 8"};

bool IsDuplicate(const absl::Status& status) {
  return absl::IsAlreadyExists(status) && status::ReasonOf(status) == "DUPLICATE_KEY";
}

absl::StatusOr<std::optional<std::string>> StoredHash(mysql::Session& session, const BlobId& blob,
                                                      int64_t chunk) {
  return session.SelectOne<std::string>(
      kHash, [](const mysql::Row& row) { return row.Bytes(0); }, blob, chunk);
}

}  // namespace

absl::Status DatabaseBlobStore::Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                                    absl::Time deadline) {
  const std::string sha256 = crypto::Sha256(bytes);
  const auto is_there = [&](mysql::Session& session) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto stored, StoredHash(session, blob, chunk));
    return stored.has_value();
  };
  absl::Status status = mysql::RunTransaction(
      pool_, {.name = "blob.Put", .deadline = deadline, .was_committed = is_there},
      [&](mysql::Session& session) {
        return session
            .Execute(kPut, blob, chunk, mysql::Blob{sha256}, mysql::Blob{std::string(bytes)})
            .status();
      });
  if (!IsDuplicate(status)) return status;
  std::optional<std::string> stored;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(stored, StoredHash(session, blob, chunk));
    return absl::OkStatus();
  }));
  return stored == sha256 ? absl::OkStatus() : errors::ChunkDiffers(blob, chunk);
}

absl::StatusOr<std::string> DatabaseBlobStore::Get(const BlobId& blob, int64_t chunk,
                                                   absl::Time deadline) {
  std::optional<std::string> content;
  std::string sha256;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(content, session.SelectOne<std::string>(
                                  kGet,
                                  [&](const mysql::Row& row) {
                                    sha256 = row.Bytes(1);
                                    return row.Bytes(0);
                                  },
                                  blob, chunk));
    return absl::OkStatus();
  }));
  if (!content) return errors::ChunkMissing(blob, chunk);
  if (crypto::Sha256(*content) != sha256) return errors::ChunkDamaged(blob, chunk);
  return *std::move(content);
}

absl::Status DatabaseBlobStore::Delete(const BlobId& blob, absl::Time deadline) {
  for (int64_t deleted = 1; deleted > 0;) {
    RETURN_IF_ERROR(mysql::RunTransaction(pool_, {.name = "blob.Delete", .deadline = deadline},
                                          [&](mysql::Session& session) -> absl::Status {
                                            ASSIGN_OR_RETURN(deleted,
                                                             session.Execute(kDelete, blob));
                                            return absl::OkStatus();
                                          }));
  }
  return absl::OkStatus();
}

}  // namespace yilian::blob
