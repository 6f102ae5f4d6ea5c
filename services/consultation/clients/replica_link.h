// The direct way to the other replicas of this service, for frames that are not kept and for hints.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/consultation/domain/live_session_store.h"
#include "yilian/consultation/v1/live_session.grpc.pb.h"

namespace yilian::consultation {

// A thread and a queue for each other replica. One call is on its way at a time and takes all that
// has come meanwhile, so that a busy peer gets fewer and larger calls; what it does not take in
// time is dropped, as it may be. Thread-safe.
class ReplicaLink {
 public:
  using MakeChannel = std::function<std::shared_ptr<grpc::Channel>(const std::string& target)>;
  explicit ReplicaLink(MakeChannel make_channel);
  ~ReplicaLink();

  // From now on these are the replicas, `self` not to be called.
  void SetReplicas(const std::vector<Replica>& replicas, ReplicaId self);
  // Does not block; nothing happens where the replica is not known.
  void Send(ReplicaId to, const v1::RelayFrame& frame);

 private:
  class Peer;
  const MakeChannel make_channel_;
  absl::Mutex mutex_;
  std::map<ReplicaId, std::shared_ptr<Peer>> peers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::consultation
