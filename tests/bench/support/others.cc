#include "tests/bench/support/others.h"

#include <fmt/format.h>

#include <csignal>
#include <fstream>

namespace yilian::bench {

OthersHeld::OthersHeld(const std::string& folder, const std::vector<std::string>& services) {
  for (const std::string& service : services) {
    pid_t pid = 0;
    std::ifstream(fmt::format("{}/run/{}.pid", folder, service)) >> pid;
    if (pid > 0 && kill(pid, SIGSTOP) == 0) held_.push_back(pid);
  }
}

OthersHeld::~OthersHeld() {
  for (const pid_t pid : held_) kill(pid, SIGCONT);
}

}  // namespace yilian::bench
