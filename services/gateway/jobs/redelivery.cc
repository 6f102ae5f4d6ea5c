#include "services/gateway/jobs/redelivery.h"

#include <chrono>

#include "common/base/status_macros.h"
#include "common/observe/log.h"

namespace yilian::gateway {

Redelivery::Redelivery(inbound::MessageStore& store, inbound::Intake& intake, Options options)
    : store_(store), intake_(intake), options_(options) {}

Redelivery::~Redelivery() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Redelivery::Run() {
  thread_ = std::thread([this] { Loop(); });
}

void Redelivery::Notify() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    notified_ = true;
  }
  wake_.notify_all();
}

absl::StatusOr<int> Redelivery::RunOnce() {
  ASSIGN_OR_RETURN(
      const std::vector<inbound::PendingMessage> due,
      store_.ClaimDue(options_.batch, options_.lease, absl::Now() + absl::Seconds(10)));
  for (const inbound::PendingMessage& pending : due) {
    const absl::Status status = intake_.Redeliver(pending);
    if (!status.ok()) {
      observe::Log(observe::Level::kWarn, "redelivery could not be settled",
                   {{"message_id", pending.stored.message_id}, {"status", status}});
    }
  }
  return static_cast<int>(due.size());
}

void Redelivery::Loop() {
  while (true) {
    const absl::StatusOr<int> tried = RunOnce();
    if (!tried.ok()) {
      observe::Log(observe::Level::kWarn, "messages due could not be read",
                   {{"status", tried.status()}});
    }
    std::unique_lock<std::mutex> lock(mutex_);
    const bool more = tried.ok() && *tried == options_.batch;
    if (!more) {
      wake_.wait_for(lock, std::chrono::nanoseconds(absl::ToInt64Nanoseconds(options_.poll)),
                     [this] { return stopping_ || notified_; });
    }
    notified_ = false;
    if (stopping_) return;
  }
}

}  // namespace yilian::gateway
