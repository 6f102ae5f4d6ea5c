#include "services/consultation/clients/replica_link.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>

#include "common/observe/metrics.h"
#include "common/rpc/client_call.h"

namespace yilian::consultation {
namespace {

constexpr size_t kQueue = 2048;
constexpr size_t kBatch = 256;  // RelayFramesRequest's rule
constexpr absl::Duration kPatience = absl::Seconds(1);

void CountDropped(size_t frames) {
  static observe::Counter& dropped = observe::Metrics::Process().GetCounter(
      "yilian_live_frames_dropped_total", "Frames of live sessions that were not kept.",
      {{"where", "relay"}});
  dropped.Increment(frames);
}

}  // namespace

class ReplicaLink::Peer {
 public:
  explicit Peer(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::LiveRelayService::NewStub(channel)), thread_([this] { Work(); }) {}
  ~Peer() {
    {
      const absl::MutexLock lock(&mutex_);
      stop_ = true;
    }
    thread_.join();
  }

  void Send(const v1::RelayFrame& frame) {
    const absl::MutexLock lock(&mutex_);
    if (queue_.size() < kQueue) {
      queue_.push_back(frame);
    } else {
      CountDropped(1);
    }
  }

 private:
  void Work() {
    while (true) {
      v1::RelayFramesRequest request;
      {
        auto ready = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !queue_.empty(); };
        const absl::MutexLock lock(&mutex_, absl::Condition(&ready));
        if (stop_) return;
        const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kBatch));
        for (auto one = queue_.begin(); one != queue_.begin() + count; ++one) {
          *request.add_frames() = std::move(*one);
        }
        queue_.erase(queue_.begin(), queue_.begin() + count);
      }
      const auto answer = rpc::ClientCall(kPatience).Invoke(
          *stub_, &v1::LiveRelayService::Stub::RelayFrames, request);
      if (!answer.ok()) CountDropped(static_cast<size_t>(request.frames_size()));
    }
  }

  const std::unique_ptr<v1::LiveRelayService::Stub> stub_;
  absl::Mutex mutex_;
  std::deque<v1::RelayFrame> queue_ ABSL_GUARDED_BY(mutex_);
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

ReplicaLink::ReplicaLink(MakeChannel make_channel) : make_channel_(std::move(make_channel)) {}
ReplicaLink::~ReplicaLink() = default;

void ReplicaLink::SetReplicas(const std::vector<Replica>& replicas, ReplicaId self) {
  // Let go of outside the lock: a peer ends with its last call.
  std::map<ReplicaId, std::shared_ptr<Peer>> before;
  const absl::MutexLock lock(&mutex_);
  before.swap(peers_);
  for (const Replica& one : replicas) {
    if (one.id == self) continue;
    const auto known = before.find(one.id);
    peers_[one.id] = known != before.end() ? std::move(known->second)
                                           : std::make_shared<Peer>(make_channel_(one.target));
  }
}

void ReplicaLink::Send(ReplicaId to, const v1::RelayFrame& frame) {
  std::shared_ptr<Peer> peer;
  {
    const absl::MutexLock lock(&mutex_);
    const auto found = peers_.find(to);
    if (found == peers_.end()) return;
    peer = found->second;
  }
  peer->Send(frame);
}

}  // namespace yilian::consultation
