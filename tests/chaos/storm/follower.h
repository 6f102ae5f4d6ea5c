// A subscriber of a service's events who keeps a cursor, as a HIS does: sees every position once
// and in order, however often the stream breaks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/ctl/demo/person.h"
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::chaos {

// Reads on a thread of its own until Stop. Thread-safe.
class Follower {
 public:
  Follower(ctl::demo::Person person, std::string service);
  ~Follower() { Stop(); }

  void Stop();
  const std::string& service() const { return service_; }
  int64_t cursor() const;
  // What was not as promised: a gap, an event twice.
  std::vector<std::string> faults() const;
  // How often an event of this type came for this aggregate.
  int Count(const std::string& type, const std::string& aggregate_id) const;

 private:
  void Work();
  // One stream, until it breaks.
  void Read(event::v1::EventFeed::Stub& stub);
  void Take(const event::v1::Event& event);

  const ctl::demo::Person person_;
  const std::string service_;
  mutable absl::Mutex mutex_;
  bool stopping_ = false;
  std::shared_ptr<grpc::ClientContext> context_;  // of the open stream
  int64_t cursor_ = 0;
  std::set<std::string> event_ids_;
  std::map<std::pair<std::string, std::string>, int> counts_;
  std::vector<std::string> faults_;
  std::thread thread_;
};

}  // namespace yilian::chaos
