// One participant's stream, from the first message to the last.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/fingerprint.h"
#include "common/rpc/call.h"
#include "services/consultation/domain/live_session_store.h"
#include "services/consultation/rpc/live_hub.h"
#include "services/consultation/rpc/turn.h"

namespace yilian::consultation {

// How much a participant may send: `per_second` for long, `burst` at once.
class Allowance {
 public:
  Allowance(int per_second, int burst)
      : per_second_(per_second), each_(absl::Seconds(1) / per_second), burst_(burst) {}
  // False: too much; nothing is taken.
  bool Take(absl::Time now);
  int per_second() const { return per_second_; }
  absl::Duration each() const { return each_; }

 private:
  const int per_second_;
  const absl::Duration each_;
  const int burst_;
  absl::Time paid_until_ = absl::InfinitePast();
};

struct LiveDeps {
  LiveSessionStore& store;
  LiveHub& hub;
  const crypto::Fingerprints& fingerprints;
  const TurnServer& turn;  // without urls: there is none
  const base::Clock& clock;
};

// Messages come one at a time, on handler threads; Gone on any.
class LiveGuest {
 public:
  LiveGuest(const LiveDeps& deps, const rpc::Call& call, std::shared_ptr<LiveStream> stream);
  void Take(const v1::JoinSessionRequest& frame);
  // The client has said all.
  void SaidAll();
  // The stream is over.
  void Gone();

 private:
  absl::Status Join(const v1::JoinSessionRequest& first);
  absl::Status Serve(const v1::JoinSessionRequest& frame);
  absl::Status Keep(const SessionCommand& command, const v1::JoinSessionRequest& frame);
  absl::Status GiveTurn();
  absl::Status Spend(Allowance& allowance);
  void Refuse(const std::string& request_id, const absl::Status& why);
  // Of a write that this stream asks for.
  unit::WriteContext ContextOf(const base::Uuid& request, const std::string& content) const;

  const LiveDeps deps_;
  const Actor by_;
  const unit::WriteContext opened_;  // as the call came in
  const std::shared_ptr<LiveStream> stream_;
  absl::Mutex mutex_;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  // Once joined. Written once, by the handler's thread and under the mutex, for Gone to see.
  std::shared_ptr<LiveConnection> connection_;
  Allowance entries_{5, 20};
  Allowance frames_{60, 120};
  bool told_off_ = false;  // that frames are dropped; until one is taken again
};

}  // namespace yilian::consultation
