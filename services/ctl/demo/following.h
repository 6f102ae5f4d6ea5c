// A person's view of a service's events: what has come, in order, and waiting for what should.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ctl/demo/person.h"
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::ctl::demo {

// Reads on a thread of its own from the moment it is made. Thread-safe.
class Following {
 public:
  static absl::StatusOr<std::unique_ptr<Following>> Start(const Person& person,
                                                          const std::string& service);
  ~Following();

  // The first event that `wanted` accepts, past or to come. DEADLINE_EXCEEDED names `what`.
  absl::StatusOr<event::v1::Event> Await(const std::string& what,
                                         const std::function<bool(const event::v1::Event&)>& wanted,
                                         absl::Duration timeout = absl::Seconds(15));
  std::vector<event::v1::Event> Seen() const;

 private:
  explicit Following(std::unique_ptr<event::v1::EventFeed::Stub> stub) : stub_(std::move(stub)) {}
  void Read();

  const std::unique_ptr<event::v1::EventFeed::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<event::v1::StreamResponse>> reader_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<event::v1::Event> seen_;
  std::thread thread_;
};

}  // namespace yilian::ctl::demo
