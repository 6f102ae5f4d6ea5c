// Claims by the C client: the statements of the service's claim, and nothing around them.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "services/consultation/domain/consultation.h"
#include "tests/bench/claim-storm/studies.h"
#include "tests/bench/support/c_client.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// Owns its connections; one Run at a time.
class ClaimFloor {
 public:
  // `sample`: a study that the service claimed in this schema, which shows what a claim writes.
  static absl::StatusOr<std::unique_ptr<ClaimFloor>> Make(const DatabaseAccess& access,
                                                          const StudyRoom& room,
                                                          const consultation::Consultation& sample,
                                                          int connections);
  ~ClaimFloor();

  // Until nothing is left to claim.
  Slice Run();

 private:
  struct Shared;
  class Connection;
  ClaimFloor();
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace yilian::bench
