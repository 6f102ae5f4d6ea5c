// Holds the region's other services still while one is measured: what they do in the background is
// theirs, and elsewhere in a real region.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace yilian::bench {

// Stops them (SIGSTOP) and lets them go on at its end.
class OthersHeld {
 public:
  // `folder`: of the region; `services`: those to hold.
  OthersHeld(const std::string& folder, const std::vector<std::string>& services);
  ~OthersHeld();
  OthersHeld(const OthersHeld&) = delete;
  OthersHeld& operator=(const OthersHeld&) = delete;

 private:
  std::vector<pid_t> held_;
};

}  // namespace yilian::bench
