// What a submitted referral costs the database alone: the statements of one submission, prepared,
// from the C client, a connection a thread over the same TLS.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ctl/region.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// The rows are those that one real submission left, with new ids, and they go where it left them:
// the service numbers their events, links their audit records and counts them, as it does its own.
// One thread.
class SqlFloor {
 public:
  // `referral_id`: of the real submission.
  static absl::StatusOr<std::unique_ptr<SqlFloor>> Make(const ctl::Region& region,
                                                        const std::string& referral_id,
                                                        int threads);
  ~SqlFloor();

  // One transaction after the other on every thread.
  Slice Run(absl::Duration duration);

 private:
  class Connection;
  struct Template;
  SqlFloor();

  std::unique_ptr<Template> template_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace yilian::bench
