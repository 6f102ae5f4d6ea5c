#include "common/blob/media_sniffer.h"

#include <fmt/format.h>
#include <magic.h>

#include "common/status/error.h"

namespace yilian::blob {
namespace {

// What libmagic gets to see: signatures stand at the beginning, and its text tests take longer the
// more they see.
constexpr size_t kHeadBytes = 64 * 1024;

}  // namespace

struct MediaSniffer::Magic {
  magic_t cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS |
                              MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF);
  ~Magic() {
    if (cookie != nullptr) magic_close(cookie);
  }
};

MediaSniffer::MediaSniffer(std::unique_ptr<Magic> magic) : magic_(std::move(magic)) {}
MediaSniffer::~MediaSniffer() = default;

absl::StatusOr<std::unique_ptr<MediaSniffer>> MediaSniffer::Open() {
  auto magic = std::make_unique<Magic>();
  if (magic->cookie == nullptr || magic_load(magic->cookie, nullptr) != 0) {
    return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "MAGIC_UNUSABLE")
        .Message("libmagic's database cannot be read: install the package libmagic-mgc");
  }
  return std::unique_ptr<MediaSniffer>(new MediaSniffer(std::move(magic)));
}

absl::StatusOr<std::string> MediaSniffer::Sniff(std::string_view head) const {
  head = head.substr(0, kHeadBytes);
  std::lock_guard lock(mutex_);
  const char* type = magic_buffer(magic_->cookie, head.data(), head.size());
  if (type == nullptr) {
    return status::Error(absl::StatusCode::kInternal, "yilian", "MAGIC_FAILED")
        .Message(fmt::format("libmagic failed with error {}", magic_errno(magic_->cookie)));
  }
  return std::string(type);
}

}  // namespace yilian::blob
