// Compares what the clients were promised with what is there.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/ctl/demo/person.h"
#include "tests/chaos/storm/follower.h"
#include "tests/chaos/storm/journal.h"
#include "tests/chaos/storm/tables.h"

namespace yilian::chaos {

struct Verdict {
  int64_t lost = 0;        // acknowledged, and not there
  int64_t duplicated = 0;  // one request, more than one effect
  // Each finding in words; also what neither was lost nor came twice: a saga that stopped half-way,
  // a gap in a stream.
  std::vector<std::string> findings;

  void Lost(std::string what);
  void Twice(std::string what);
  void Broken(std::string what) { findings.push_back(std::move(what)); }
  bool sound() const { return findings.empty(); }
};

// One thread, after the storm.
class Checker {
 public:
  struct Deps {
    Tables& tables;
    const Journal& journal;
    const std::vector<std::unique_ptr<Follower>>& followers;
    const ctl::demo::Person& reader;  // a doctor of the first township
    std::string run;
  };
  explicit Checker(Deps deps) : deps_(std::move(deps)) {}

  // Until sagas have ended, events are numbered and applied, audit rows are linked; else what is
  // still open at `deadline`, in words.
  absl::Status AwaitQuiet(absl::Time deadline);
  absl::StatusOr<Verdict> Check();

 private:
  // What has not come to rest yet; empty when all has.
  absl::StatusOr<std::string> StillOpen();
  absl::Status CheckPatients(Verdict& verdict);
  absl::Status CheckReferrals(Verdict& verdict);
  absl::Status CheckBookings(Verdict& verdict);
  absl::Status CheckDecisionEvents(Verdict& verdict);
  absl::Status CheckThroughTheApi(Verdict& verdict);
  absl::Status CheckConsultations(Verdict& verdict);
  absl::Status CheckMessages(Verdict& verdict);
  absl::Status CheckStreams(Verdict& verdict);
  absl::Status CheckCare(Verdict& verdict);

  const Deps deps_;
};

}  // namespace yilian::chaos
