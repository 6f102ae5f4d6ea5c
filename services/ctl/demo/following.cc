#include "services/ctl/demo/following.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"

namespace yilian::ctl::demo {

absl::StatusOr<std::unique_ptr<Following>> Following::Start(const Person& person,
                                                            const std::string& service) {
  ASSIGN_OR_RETURN(const auto channel, person.ChannelTo(service));
  std::unique_ptr<Following> following(new Following(event::v1::EventFeed::NewStub(channel)));
  if (!person.token().empty())
    following->context_.AddMetadata("authorization", "Bearer " + person.token());
  event::v1::StreamRequest request;
  request.set_subscriber("yilianctl.journey");
  following->reader_ = following->stub_->Stream(&following->context_, request);
  following->thread_ = std::thread([raw = following.get()] { raw->Read(); });
  return following;
}

Following::~Following() {
  context_.TryCancel();
  thread_.join();
  reader_->Finish();
}

void Following::Read() {
  event::v1::StreamResponse response;
  while (reader_->Read(&response)) {
    std::lock_guard lock(mutex_);
    seen_.insert(seen_.end(), response.events().begin(), response.events().end());
    arrived_.notify_all();
  }
}

absl::StatusOr<event::v1::Event> Following::Await(
    const std::string& what, const std::function<bool(const event::v1::Event&)>& wanted,
    absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  size_t looked = 0;
  const auto found = [&]() -> const event::v1::Event* {
    for (; looked < seen_.size(); ++looked) {
      if (wanted(seen_[looked])) return &seen_[looked];
    }
    return nullptr;
  };
  const event::v1::Event* event = nullptr;
  arrived_.wait_for(lock, absl::ToChronoMilliseconds(timeout),
                    [&] { return (event = found()) != nullptr; });
  if (event == nullptr) {
    return absl::DeadlineExceededError(
        fmt::format("waited {} s for {}", absl::ToInt64Seconds(timeout), what));
  }
  return *event;
}

std::vector<event::v1::Event> Following::Seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

}  // namespace yilian::ctl::demo
