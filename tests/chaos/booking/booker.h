// A client that holds, books, moves and cancels seats for patients of its own, and asks another
// replica when one does not answer: with the same request_id.
#pragma once

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ctl/demo/person.h"
#include "tests/chaos/booking/history.h"
#include "tests/chaos/storm/caller.h"
#include "yilian/scheduling/v1/scheduling.grpc.pb.h"

namespace yilian::chaos {

// Of one region. Outlives its bookers.
struct Replicas {
  std::vector<std::unique_ptr<scheduling::v1::SchedulingService::Stub>> stubs;

  static absl::StatusOr<Replicas> Of(const ctl::Region& region,
                                     const std::vector<std::string>& names);
};

// One thread.
class Booker {
 public:
  struct Deps {
    size_t number = 0;
    ctl::demo::Person person;
    std::string organization;
    std::vector<std::string> patients;
    const std::vector<std::string>& sessions;
    const Replicas& replicas;
    Weather& weather;
    History& history;
  };
  explicit Booker(Deps deps)
      : deps_(std::move(deps)), dice_(static_cast<unsigned>(deps_.number) + 1) {}

  // Until the storm is over.
  void Work();
  // The same request again, as it was asked.
  static absl::StatusOr<scheduling::v1::Booking> Repeat(const Replicas& replicas,
                                                        const ctl::demo::Person& person,
                                                        const BookingRequest& request,
                                                        Weather& weather, size_t first,
                                                        int* attempts);

 private:
  void Turn();
  // Asks until there is an answer, and writes it down.
  Answered Do(BookingRequest request);
  const std::string& AnySession() { return deps_.sessions[dice_() % deps_.sessions.size()]; }
  void Cancel(const std::string& booking);

  const Deps deps_;
  std::mt19937 dice_;
  std::deque<std::string> booked_;
};

}  // namespace yilian::chaos
