// grpc.health.v1: whether a service of this process should be sent calls.
#pragma once

#include <grpc/health/v1/health.grpc.pb.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace yilian::rpc {

// What each service says; shared by the health services of both ports. Thread-safe.
class HealthState {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // "" is the whole process. A name never set is unknown.
  void Set(const std::string& service, Status status);
  void SetAll(Status status);
  // SERVICE_UNKNOWN for a name never set.
  Status Get(const std::string& service) const;

  // `changed` is called, from Set's thread, with each new status, first with the present one;
  // `ended` once, from End. Returns a key for Unwatch.
  int64_t Watch(const std::string& service, std::function<void(Status)> changed,
                std::function<void()> ended);
  void Unwatch(int64_t key);
  // Ends all watches and those to come: they would keep the server from shutting down.
  void End();

 private:
  struct Watcher {
    std::string service;
    std::function<void(Status)> changed;
    std::function<void()> ended;
  };
  void Tell(const std::string& service, Status status);

  mutable std::mutex mutex_;
  std::map<std::string, Status> status_;
  std::map<int64_t, Watcher> watchers_;
  int64_t next_key_ = 0;
  bool over_ = false;
};

// Answers any peer that the port let in, without a deadline of its own and outside the frame: it
// must answer when the frame refuses.
std::unique_ptr<grpc::Service> NewHealthService(HealthState& state);

}  // namespace yilian::rpc
