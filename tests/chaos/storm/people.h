// Who writes during the storm: township doctors, hospital coordinators and experts, each a thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/ctl/region.h"
#include "tests/chaos/storm/caller.h"

namespace yilian::chaos {

// A resident identity number that nobody else in this process gets, and the birth date in it (a
// man's). Thread-safe.
struct NewResident {
  std::string national_id;
  std::string birth_date;  // YYYY-MM-DD
};
NewResident NextResident();
// The id of a new patient of the organization (its UUID), registered by one of its people.
absl::StatusOr<std::string> RegisterResident(const ctl::demo::Person& by,
                                             const std::string& organization);

// Ids on their way from those who ask to those who answer. Thread-safe.
class Inbox {
 public:
  void Put(std::string id);
  // The oldest; nullopt when none came by `deadline`.
  std::optional<std::string> Take(absl::Time deadline);

 private:
  absl::Mutex mutex_;
  std::deque<std::string> ids_;
};

// Everybody at work, until weather.over.
class People {
 public:
  People(const ctl::Region& region, Weather& weather) : region_(region), weather_(weather) {}
  ~People();

  // Signs all in and sets them to work. `run` makes the markers of this storm its own.
  absl::Status Start(const std::string& run);
  // Until all have finished what they were doing; call after weather.over.
  void Join();

 private:
  absl::Status StartDoctor(const std::string& township, const std::string& hospital,
                           const std::string& run);
  absl::Status StartCoordinator(const std::string& hospital);
  absl::Status StartExpert(const std::string& hospital);

  const ctl::Region region_;
  Weather& weather_;
  std::map<std::string, std::unique_ptr<Inbox>> triage_;     // by hospital
  std::map<std::string, std::unique_ptr<Inbox>> questions_;  // by hospital
  std::vector<std::thread> threads_;
};

}  // namespace yilian::chaos
