// Looks after messages that were stored and did not reach their owner: after a crash, or while the
// owner was away.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/domain/inbound/intake.h"

namespace yilian::gateway {

// One thread. May run in every replica: a message is leased to one of them at a time.
class Redelivery {
 public:
  struct Options {
    absl::Duration poll = absl::Seconds(1);
    // Longer than a delivery may take.
    absl::Duration lease = absl::Minutes(1);
    int batch = 20;
  };
  Redelivery(inbound::MessageStore& store, inbound::Intake& intake, Options options);
  ~Redelivery();

  void Run();     // starts the thread
  void Notify();  // something is due: look now
  // Delivers what is due, once; how many messages were tried. For tests.
  absl::StatusOr<int> RunOnce();

 private:
  void Loop();

  inbound::MessageStore& store_;
  inbound::Intake& intake_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool notified_ = false;
  std::thread thread_;
};

}  // namespace yilian::gateway
