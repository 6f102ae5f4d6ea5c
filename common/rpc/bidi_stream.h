// Both sides of a call whose client streams: what it sends comes in by callback, answers go out as
// in ServerStream.
#pragma once

#include <functional>

#include "common/rpc/server_stream.h"

namespace yilian::rpc {

// Thread-safe. Set the callbacks inside the handler, before it returns: reading starts then.
template <typename Request, typename Response>
class BidiStream : public ServerStream<Response> {
 public:
  // Each message, already checked against its field rules; on a handler thread, one at a time and
  // in order. The next one is read when the callback has returned: a slow callback slows the sender
  // down.
  virtual void OnMessage(std::function<void(const Request&)> callback) = 0;
  // Once, on a handler thread, when the client has sent its last message. A client-streaming method
  // answers here: Write once, then Finish.
  virtual void OnHalfClose(std::function<void()> callback) = 0;
};

}  // namespace yilian::rpc
