// Kills one process after the other in mid-storm, brings it back, and takes the time until calls
// are answered again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/chaos/storm/caller.h"

namespace yilian::chaos {

// One thread.
class Faults {
 public:
  // `strike`: the program that kills and restarts the process whose name it is given.
  // `victims`: in turn; empty: nothing is killed. `called`: the services that the clients call, who
  // have to answer again after a strike at something else.
  Faults(std::string strike, std::vector<std::string> victims, Weather& weather,
         std::vector<std::string> called = {"directory", "referral", "scheduling", "consultation",
                                            "gateway", "lab"})
      : strike_(std::move(strike)),
        victims_(std::move(victims)),
        called_(std::move(called)),
        weather_(weather) {}

  // Strikes until `end`, each time after the clients have worked undisturbed for a while.
  void Run(absl::Time end);

  int strikes() const { return strikes_; }
  absl::Duration longest() const { return longest_; }

 private:
  void Strike(const std::string& victim);

  const std::string strike_;
  const std::vector<std::string> victims_;
  const std::vector<std::string> called_;
  Weather& weather_;
  int strikes_ = 0;
  absl::Duration longest_ = absl::ZeroDuration();
};

}  // namespace yilian::chaos
