#include "common/fault/fault_point.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace yilian::fault {
namespace {

// Read once: a process is tested from its start or not at all.
const std::string& Folder() {
  static const std::string& folder = *[] {
    const char* named = std::getenv("YILIAN_FAULT_FOLDER");  // NOLINT(concurrency-mt-unsafe)
    return new std::string(named == nullptr ? "" : named);
  }();
  return folder;
}

}  // namespace

void Point(const std::function<std::string()>& name) {
  if (Folder().empty()) return;
  const std::string file = Folder() + "/" + name();
  if (unlink(file.c_str()) == 0) std::raise(SIGKILL);
}

}  // namespace yilian::fault
