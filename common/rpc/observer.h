// What the frame tells of each call: metrics, the log line and the log's trace scope hang on here.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"

namespace yilian::rpc {

struct CallEnd {
  absl::StatusCode code;
  const absl::Status* status;  // as it leaves; details included
  absl::Duration took;         // from arrival to the answer
  absl::Duration queued;       // of it, waiting for a handler thread
};

// Implementations are thread-safe and do not block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Once a method, when the server is built; what it returns comes back with every call of the
  // method. `type`: "unary", "server_stream", "client_stream", "bidi_stream".
  virtual void* AddMethod(std::string_view service, std::string_view method,
                          std::string_view type) = 0;
  virtual void Started(void* method) = 0;
  // After the answer is decided, for refused calls too; `call.caller()` is empty when the caller is
  // not known.
  virtual void Finished(void* method, const Call& call, const CallEnd& end) = 0;
  // A message of a stream.
  virtual void MessageReceived(void* method) = 0;
  virtual void MessageSent(void* method) = 0;
  // Around the handler, on its thread.
  virtual void EnterHandler(const Call& call) {}
  virtual void LeaveHandler() {}
};

}  // namespace yilian::rpc
