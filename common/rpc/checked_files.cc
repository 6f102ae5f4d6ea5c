#include "common/rpc/checked_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "common/status/error.h"

namespace yilian::rpc {
namespace {

// Memory that looks like a file; -1 when there is none to be had.
int InMemory(const std::string& bytes) {
  const int fd = memfd_create("tls", MFD_CLOEXEC);
  if (fd >= 0 && write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CheckedFiles>> CheckedFiles::Open(TlsFiles files, absl::Time now) {
  std::unique_ptr<CheckedFiles> opened(new CheckedFiles(std::move(files)));
  RETURN_IF_ERROR(CheckTlsFiles(opened->files_, now).status());
  RETURN_IF_ERROR(opened->Put(opened->Read()));
  const auto path = [&](size_t i) {
    return fmt::format("/proc/self/fd/{}", opened->descriptors_[i]);
  };
  opened->copies_ = {path(0), path(1), path(2)};
  return opened;
}

CheckedFiles::~CheckedFiles() {
  for (const int fd : descriptors_) {
    if (fd >= 0) close(fd);
  }
}

CheckedFiles::Contents CheckedFiles::Read() const {
  const auto read = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  };
  return {read(files_.ca_file), read(files_.certificate_file), read(files_.key_file)};
}

absl::Status CheckedFiles::Put(const Contents& contents) {
  // All or none: a certificate without its key would fail every handshake.
  std::array<int, 3> fresh{-1, -1, -1};
  for (size_t i = 0; i < contents.size(); ++i) fresh[i] = InMemory(contents[i]);
  if (*std::min_element(fresh.begin(), fresh.end()) < 0) {
    for (const int fd : fresh) {
      if (fd >= 0) close(fd);
    }
    return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "TLS_FILES_UNUSABLE")
        .Message("no memory for a copy of the certificate: raise the limit of open files");
  }
  for (size_t i = 0; i < contents.size(); ++i) {
    // The same number, so that the path that gRPC watches shows the new copy.
    if (descriptors_[i] < 0) {
      descriptors_[i] = fresh[i];
    } else {
      dup3(fresh[i], descriptors_[i], O_CLOEXEC);
      close(fresh[i]);
    }
  }
  served_ = contents;
  return absl::OkStatus();
}

void CheckedFiles::Look(absl::Time now) {
  Contents found = Read();
  if (found == served_ || found == refused_) return;
  if (std::exchange(suspected_, found) != found) return;
  absl::Status good = CheckTlsFiles(files_, now).status();
  if (Read() != found) return;  // renewed while it was judged
  if (good.ok()) good = Put(found);
  if (good.ok()) {
    observe::Log(observe::Level::kInfo, "a renewed certificate is served",
                 {{"file", files_.certificate_file}});
    return;
  }
  refused_ = std::move(found);
  observe::Log(observe::Level::kError,
               "the certificate was not renewed: the one before it is still served until it "
               "expires",
               {{"file", files_.certificate_file}, {"reason", good}});
}

}  // namespace yilian::rpc
