// A township's HIS and LIS during the storm: sends each message again until it has its AA.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "services/ctl/demo/mllp.h"
#include "services/ctl/region.h"
#include "tests/chaos/storm/caller.h"

namespace yilian::chaos {

// One thread of its own, until weather.over.
class MessageSender {
 public:
  MessageSender(const ctl::Region& region, Weather& weather) : region_(region), weather_(weather) {}
  ~MessageSender() { Join(); }

  absl::Status Start();
  // Call after weather.over.
  void Join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Work();
  // Until AA, for a minute at most. Any other code than "not now" is an error.
  absl::Status Deliver(const std::string& message, const std::string& service);

  const ctl::Region region_;
  Weather& weather_;
  std::string address_;
  std::unique_ptr<ctl::demo::MllpSender> connection_;
  std::thread thread_;
};

}  // namespace yilian::chaos
