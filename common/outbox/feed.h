// The sending side of EventFeed: stored events first, then each as it gets its position.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/outbox/outbox.h"
#include "common/rpc/call.h"
#include "common/rpc/server_stream.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

struct FeedOptions {
  absl::Duration heartbeat = absl::Seconds(15);
  int ring =
      4096;  // latest events kept in memory: who is no further behind costs no read of the database
  int page = 200;  // events of one message, and of one read for those further behind
};

// Serves any number of streams with one background thread: an idle stream holds neither a thread
// nor a connection. One a service, dispatched as
//   Dispatch("yilian.event.v1.EventFeed").Stream("Stream", &feed, &Feed::Stream)
// A service of the region gets every event; anybody else those whose audience names the caller's
// organization. Goes before the sequencer and the pool. Thread-safe.
class Feed {
 public:
  Feed(mysql::Pool& pool, Sequencer& sequencer, FeedOptions options = {});
  ~Feed();  // ends the streams that are left, as Drain does

  // Returns at once; the stream lives on. INVALID_ARGUMENT (CURSOR_AHEAD) for a cursor past the
  // last position, PERMISSION_DENIED for a caller that is neither a service nor of an organization.
  // May read the database: not for a gRPC thread.
  absl::Status Stream(const rpc::Call& call, const event::v1::StreamRequest& request,
                      std::shared_ptr<rpc::ServerStream<event::v1::StreamResponse>> stream);
  // The position from which a stream has only what is to come. Reads the database.
  absl::StatusOr<int64_t> LastPosition();
  // Ends all streams with UNAVAILABLE, and those that still come: subscribers resume at another
  // replica.
  void Drain();
  int streams() const;

 private:
  struct State;
  std::shared_ptr<State>
      state_;  // shared with the callbacks of streams and sequencer, which may outlive the feed
};

}  // namespace yilian::outbox
