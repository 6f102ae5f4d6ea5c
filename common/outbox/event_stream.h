// A client's end of EventFeed.Stream that can be waited on for a while and ended from another
// thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::outbox {

// Owned by the thread that reads; Cancel may come from any thread.
class EventStream {
 public:
  EventStream(event::v1::EventFeed::Stub& stub, const event::v1::StreamRequest& request);
  ~EventStream();  // ends the call and waits until gRPC has let go of it

  enum class Outcome { kMessage, kNothingYet, kEnded };
  // Waits at most `patience` for the next message; `response` is filled for kMessage only.
  Outcome Next(absl::Duration patience, event::v1::StreamResponse& response);
  void Cancel() { context_.TryCancel(); }
  // How the call ended; waits for its end.
  absl::Status Finish();

 private:
  // False: not within `patience`.
  bool Await(absl::Duration patience, bool* ok);

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<event::v1::StreamResponse>> reader_;
  event::v1::StreamResponse incoming_;
  bool waiting_ = true;  // an operation is under way: first the start of the call, then each read
  bool started_ = false;
  bool finished_ = false;
  absl::Status status_;
};

}  // namespace yilian::outbox
