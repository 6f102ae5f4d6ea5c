// Signed requests to one bucket of an S3-compatible store, over libcurl.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/blob/s3_blob_store.h"

namespace yilian::blob {

struct S3Answer {
  long status = 0;
  std::string body;
  std::string sha256;     // of the object's metadata; "" where there is none
  bool too_long = false;  // more than the request wanted; the body is cut
};

// Owned by the store. Thread-safe: each request has a handle of its own; a few are kept with their
// connections.
class S3BlobStore::Client {
 public:
  explicit Client(S3Options options);

  enum class Method { kHead, kGet, kPut, kDelete };
  struct Request {
    Method method = Method::kGet;
    std::string key;      // "" for the bucket
    std::string query{};  // sorted and escaped: "list-type=2&prefix=a%2Fb"
    std::string_view body{};
    std::string sha256{};           // hexadecimal, of the chunk, for its metadata
    size_t most_bytes = 64 * 1024;  // of an answer
  };
  // An answer of whatever HTTP status; UNAVAILABLE (BLOB_STORE_UNAVAILABLE) where there was none.
  absl::StatusOr<S3Answer> Send(const Request& request, absl::Time deadline);
  // The error for an answer that means neither success nor anything about the object.
  absl::Status Trouble(const Request& request, const S3Answer& answer) const;

  const S3Options& options() const { return options_; }

 private:
  struct CloseHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, CloseHandle>;
  Handle Take();
  void GiveBack(Handle handle);
  void Prepare(CURL* handle, const Request& request, absl::Duration left) const;

  const S3Options options_;
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

}  // namespace yilian::blob
