#include "common/rpc/health.h"

#include <deque>
#include <optional>
#include <utility>

namespace yilian::rpc {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

void HealthState::Tell(const std::string& service, Status status) {
  for (auto& [key, watcher] : watchers_) {
    if (watcher.service == service) watcher.changed(status);
  }
}

void HealthState::Set(const std::string& service, Status status) {
  std::lock_guard lock(mutex_);
  const auto [it, fresh] = status_.try_emplace(service, status);
  if (!fresh && it->second == status) return;
  it->second = status;
  Tell(service, status);
}

void HealthState::SetAll(Status status) {
  std::vector<std::string> names;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [name, old] : status_) names.push_back(name);
  }
  for (const std::string& name : names) Set(name, status);
}

HealthState::Status HealthState::Get(const std::string& service) const {
  std::lock_guard lock(mutex_);
  const auto it = status_.find(service);
  return it == status_.end() ? HealthCheckResponse::SERVICE_UNKNOWN : it->second;
}

int64_t HealthState::Watch(const std::string& service, std::function<void(Status)> changed,
                           std::function<void()> ended) {
  std::lock_guard lock(mutex_);
  const auto it = status_.find(service);
  changed(it == status_.end() ? HealthCheckResponse::SERVICE_UNKNOWN : it->second);
  if (over_) ended();
  const int64_t key = next_key_++;
  watchers_.emplace(key, Watcher{service, std::move(changed), std::move(ended)});
  return key;
}

void HealthState::End() {
  std::lock_guard lock(mutex_);
  over_ = true;
  for (auto& [key, watcher] : watchers_) watcher.ended();
}

void HealthState::Unwatch(int64_t key) {
  std::lock_guard lock(mutex_);
  watchers_.erase(key);
}

namespace {

// Sends the latest status; one that changes faster than the reader reads is skipped.
class WatchReactor final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  WatchReactor(HealthState& state, const std::string& service) : state_(state) {
    key_ = state_.Watch(
        service, [this](HealthState::Status status) { Changed(status); }, [this] { Stop(); });
  }

 private:
  void Changed(HealthState::Status status) {
    std::lock_guard lock(mutex_);
    if (over_) return;
    if (writing_) {
      next_ = status;
    } else {
      Send(status);
    }
  }
  void Send(HealthState::Status status) {
    writing_ = true;
    response_.set_status(status);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    if (!ok) over_ = true;
    if (next_ && ok) return Send(*std::exchange(next_, std::nullopt));
    if (over_) End(lock);
  }
  void OnCancel() override { Stop(); }
  void Stop() {
    std::unique_lock lock(mutex_);
    over_ = true;
    if (!writing_) End(lock);
  }
  void End(std::unique_lock<std::mutex>& lock) {
    const bool finish = !std::exchange(finished_, true);
    lock.unlock();
    if (finish) Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the watch is over"));
  }
  void OnDone() override {
    state_.Unwatch(key_);
    delete this;
  }

  HealthState& state_;
  int64_t key_ = 0;
  std::mutex mutex_;
  HealthCheckResponse response_;
  std::optional<HealthState::Status> next_;
  bool writing_ = false;
  bool over_ = false;
  bool finished_ = false;
};

class HealthService final : public Health::CallbackService {
 public:
  explicit HealthService(HealthState& state) : state_(state) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const HealthCheckRequest* request,
                                  HealthCheckResponse* response) override {
    auto* reactor = context->DefaultReactor();
    const HealthState::Status status = state_.Get(request->service());
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
      reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such service here"));
    } else {
      response->set_status(status);
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

  grpc::ServerWriteReactor<HealthCheckResponse>* Watch(grpc::CallbackServerContext*,
                                                       const HealthCheckRequest* request) override {
    return new WatchReactor(state_, request->service());
  }

 private:
  HealthState& state_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewHealthService(HealthState& state) {
  return std::make_unique<HealthService>(state);
}

}  // namespace yilian::rpc
