// Compares the histories of all clients with what is there afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/ctl/demo/person.h"
#include "tests/chaos/booking/booker.h"
#include "tests/chaos/storm/follower.h"
#include "tests/chaos/storm/program.h"
#include "tests/chaos/storm/tables.h"

namespace yilian::chaos {

struct SeatProof : Proof {
  int64_t replayed = 0;
};

// One thread, after the storm.
class Prover {
 public:
  struct Deps {
    Tables& tables;
    const std::vector<Answered> history;
    const std::vector<std::string>& sessions;
    const std::vector<ctl::demo::Person>& persons;  // by client
    const Replicas& replicas;
    const Follower& follower;
    Weather& weather;
  };
  explicit Prover(Deps deps) : deps_(std::move(deps)) {}

  // Until holds that were let go have ended and every event has a position and was followed.
  absl::Status AwaitQuiet(absl::Time deadline);
  absl::StatusOr<SeatProof> Prove();

 private:
  // What its client was told last.
  struct Told {
    std::string session;
    int32_t seat = 0;
    std::string state;
    int events = 0;
  };

  void Follow();
  absl::Status CheckTables(SeatProof& proof);
  void CheckBookings(const std::vector<std::vector<std::string>>& rows, SeatProof& proof);
  void CheckReplays(SeatProof& proof);
  void CheckEvents(SeatProof& proof) const;

  const Deps deps_;
  std::map<std::string, Told> told_;
};

}  // namespace yilian::chaos
