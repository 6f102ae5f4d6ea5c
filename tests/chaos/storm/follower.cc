#include "tests/chaos/storm/follower.h"

#include <fmt/format.h>

#include "absl/time/clock.h"

namespace yilian::chaos {
namespace {

constexpr absl::Duration kReconnect = absl::Milliseconds(100);

}  // namespace

Follower::Follower(ctl::demo::Person person, std::string service)
    : person_(std::move(person)), service_(std::move(service)), thread_([this] { Work(); }) {}

void Follower::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
}

void Follower::Work() {
  const auto channel = person_.ChannelTo(service_);
  if (!channel.ok()) {
    absl::MutexLock lock(&mutex_);
    faults_.push_back(channel.status().ToString());
    return;
  }
  const auto stub = event::v1::EventFeed::NewStub(*channel);
  while (true) {
    Read(*stub);
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kReconnect);
    if (stopping_) return;
  }
}

void Follower::Read(event::v1::EventFeed::Stub& stub) {
  const auto context = std::make_shared<grpc::ClientContext>();
  event::v1::StreamRequest request;
  request.set_subscriber("storm");
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    context_ = context;
    request.set_cursor(cursor_);
  }
  const auto reader = stub.Stream(context.get(), request);
  event::v1::StreamResponse response;
  while (reader->Read(&response)) {
    absl::MutexLock lock(&mutex_);
    for (const event::v1::Event& event : response.events()) Take(event);
  }
  reader->Finish();
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
}

void Follower::Take(const event::v1::Event& event) {
  if (event.position() != cursor_ + 1) {
    faults_.push_back(
        fmt::format("{}: position {} came after {}", service_, event.position(), cursor_));
  }
  if (!event_ids_.insert(event.event_id()).second) {
    faults_.push_back(fmt::format("{}: event {} came twice", service_, event.event_id()));
  }
  ++counts_[{event.type(), event.aggregate_id()}];
  cursor_ = event.position();
}

int64_t Follower::cursor() const {
  absl::MutexLock lock(&mutex_);
  return cursor_;
}

std::vector<std::string> Follower::faults() const {
  absl::MutexLock lock(&mutex_);
  return faults_;
}

int Follower::Count(const std::string& type, const std::string& aggregate_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = counts_.find({type, aggregate_id});
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace yilian::chaos
