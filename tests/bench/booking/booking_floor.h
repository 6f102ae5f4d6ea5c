// What a hold and a booking cost the database alone: their statements, prepared, from the C client,
// a connection a thread over the same TLS, in the same tables.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/booking/clinic.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// One thread.
class BookingFloor {
 public:
  // `sample`: the id of a booking that the service has just made. `sessions` and `patients` are the
  // floor's alone.
  static absl::StatusOr<std::unique_ptr<BookingFloor>> Make(Clinic& clinic,
                                                            const base::Uuid& sample,
                                                            std::vector<base::Uuid> sessions,
                                                            std::vector<base::Uuid> patients,
                                                            int threads);
  ~BookingFloor();

  // One hold and booking after the other on every thread.
  Slice Run(absl::Duration duration);

 private:
  class Connection;
  struct Shared;
  BookingFloor();

  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace yilian::bench
