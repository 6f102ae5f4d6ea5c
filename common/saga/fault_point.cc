#include "common/saga/fault_point.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace yilian::saga {
namespace {

// Read once: a process is tested from its start or not at all.
const std::string& Folder() {
  static const std::string& folder = *[] {
    const char* named = std::getenv("YILIAN_SAGA_FAULT_FOLDER");  // NOLINT(concurrency-mt-unsafe)
    return new std::string(named == nullptr ? "" : named);
  }();
  return folder;
}

}  // namespace

void FaultPoint(const Saga& saga, std::string_view part) {
  if (Folder().empty()) return;
  const std::string file = fmt::format("{}/{}.{}.{}", Folder(), saga.kind, saga.step, part);
  if (unlink(file.c_str()) == 0) std::raise(SIGKILL);
}

}  // namespace yilian::saga
