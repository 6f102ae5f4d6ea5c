#include "tests/support/s3_server.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

namespace yilian::test_support {
namespace {

const char kScript[] = YILIAN_SOURCE_DIR "/tests/support/s3/serve";

}  // namespace

std::string S3Server::MissingReason() {
  FILE* pipe = popen(fmt::format("'{}' install 2>&1", kScript).c_str(), "r");
  if (pipe == nullptr) return "no pipe";
  std::string said;
  char buffer[256];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) said.append(buffer, n);
  return pclose(pipe) == 0 ? "" : "no S3-compatible server: " + said;
}

S3Server::S3Server()
    : folder_(std::filesystem::temp_directory_path() /
              fmt::format("yilian-s3-{}-{}", getpid(), static_cast<const void*>(this))) {
  int ends[2];
  if (pipe(ends) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(kScript, kScript, "start", folder_.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  // Its first line with a port says that it listens. It writes no more after it.
  std::string said;
  char byte = 0;
  while (said.find("listening on ") == std::string::npos || byte != '\n') {
    if (read(ends[0], &byte, 1) != 1) break;
    said += byte;
  }
  const size_t at = said.find("127.0.0.1:");
  if (at != std::string::npos) {
    endpoint_ = "https://" + said.substr(at, said.find('\n', at) - at);
  }
  log_ = ends[0];
}

S3Server::~S3Server() {
  Kill9();
  if (log_ >= 0) close(log_);
  std::filesystem::remove_all(folder_);
}

void S3Server::Kill9() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::string S3Server::FileOf(const std::string& object) const {
  return fmt::format("{}/data/{}/{}._S3rver_object", folder_, bucket(), object);
}

}  // namespace yilian::test_support
