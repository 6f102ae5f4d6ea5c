// What a content is, by its own bytes and not by what its sender says.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace yilian::blob {

// libmagic with the system's database. Thread-safe: one look at a time, each some 100 us.
class MediaSniffer {
 public:
  // FAILED_PRECONDITION, with the remedy, when the database cannot be read.
  static absl::StatusOr<std::unique_ptr<MediaSniffer>> Open();
  ~MediaSniffer();

  // The media type of a content that begins with `head` (the first chunk is more than enough):
  // "application/pdf"; "application/octet-stream" where nothing is known of it.
  absl::StatusOr<std::string> Sniff(std::string_view head) const;

 private:
  struct Magic;
  explicit MediaSniffer(std::unique_ptr<Magic> magic);
  const std::unique_ptr<Magic> magic_;
  mutable std::mutex mutex_;
};

}  // namespace yilian::blob
