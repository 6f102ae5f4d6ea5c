// The sending side of a server-streaming call: written to from any thread, holds no thread while
// idle.
#pragma once

#include <functional>

#include "absl/status/status.h"

namespace yilian::rpc {

// Handed to a stream handler, which keeps the shared_ptr for as long as it wants to send.
// Thread-safe.
template <typename Response>
class ServerStream {
 public:
  virtual ~ServerStream() = default;
  // Queues a message. False: the stream is over (client gone, server draining): stop sending. At
  // most 64 wait; a producer that looks at `pending()` and uses OnDrained never meets the limit,
  // one that does is cut off with RESOURCE_EXHAUSTED (slow reader).
  virtual bool Write(Response message) = 0;
  virtual int pending() const = 0;
  // Called, on a gRPC thread (do not block: hand over to the executor), whenever the queue has
  // become empty; perhaps while another thread still writes, so look at pending() before each
  // Write.
  virtual void OnDrained(std::function<void()> callback) = 0;
  // Runs `work` on a handler thread, for what blocks between two writes (a read of the next chunk).
  // At most one at a time, as a handler's admission stands for its stream; dropped when the stream
  // is over.
  virtual void Post(std::function<void()> work) = 0;
  // Called once, on a gRPC thread, when the stream is over for whatever reason.
  virtual void OnDone(std::function<void()> callback) = 0;
  // Ends the stream after what is queued.
  virtual void Finish(const absl::Status& status) = 0;
};

}  // namespace yilian::rpc
