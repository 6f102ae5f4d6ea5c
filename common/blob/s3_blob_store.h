// Blobs as objects of an S3-compatible store, for regions that have one: MinIO, Ceph, a cloud's.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/blob/blob_store.h"
#include "common/crypto/secret_bytes.h"

namespace yilian::blob {

struct S3Options {
  // "https://host[:port]"; http only on loopback: what goes over the wire is a patient's.
  std::string endpoint;
  std::string region = "us-east-1";  // as the store's signatures want it
  std::string bucket;                // there already; addressed in the path, not in the host
  std::string prefix;                // of every key: "referral/"; "" for none
  std::string access_key_id;
  crypto::SecretBytes secret_access_key;
  std::string ca_file;  // trusts these instead of the system's; "" for the system's
  absl::Duration connect_timeout = absl::Seconds(5);
  // A request ends at its deadline, and at the latest after so long.
  absl::Duration request_timeout = absl::Seconds(30);
};

// Two lines: the access key's id, and its secret. FAILED_PRECONDITION names `key`, never the
// content.
absl::Status ReadS3Credentials(const std::string& path, std::string_view key, S3Options& options);

// Everything about the options that can be told without the network: INVALID_ARGUMENT names each
// fault.
absl::Status CheckS3Options(const S3Options& options);

// One object a chunk, its SHA-256 as metadata, at <prefix><last byte of the id>/<id>/<chunk>;
// requests are signed (AWS Signature Version 4, with the payload) by libcurl. A chunk is looked for
// before it is put, and put on the condition that it is not there: a store that ignores the
// condition keeps the promise "written once" to all but two that put at the same moment. At most a
// chunk and a half is in memory a call. Thread-safe.
class S3BlobStore : public BlobStore {
 public:
  // INVALID_ARGUMENT as CheckS3Options. Does not call: a store that is away is UNAVAILABLE
  // (BLOB_STORE_UNAVAILABLE) when it is needed.
  static absl::StatusOr<std::unique_ptr<S3BlobStore>> Open(S3Options options);
  ~S3BlobStore() override;

  absl::Status Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                   absl::Time deadline) override;
  absl::StatusOr<std::string> Get(const BlobId& blob, int64_t chunk, absl::Time deadline) override;
  absl::Status Delete(const BlobId& blob, absl::Time deadline) override;

 private:
  class Client;
  explicit S3BlobStore(std::unique_ptr<Client> client);
  std::string KeyOf(const BlobId& blob) const;

  const std::unique_ptr<Client> client_;
};

}  // namespace yilian::blob
