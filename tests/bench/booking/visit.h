// One patient's way to a seat, as a client should go it: HoldSeat, BookSeat, and again with the
// same request when the service says "later".
#pragma once

#include <grpcpp/alarm.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/client_call.h"
#include "yilian/scheduling/v1/scheduling.grpc.pb.h"

namespace yilian::bench {

// What came of it.
struct Visited {
  std::string reason;  // of the refusal; empty: booked. A transport's error is its code in words
  bool names_what = false;  // the refusal said which session it is about
  int32_t seat_number = 0;
  absl::Time asked;      // the first time
  absl::Time sent_last;  // the attempt that was answered
  absl::Time answered;
  int later = 0;  // times that the service asked for patience
};

// Deletes itself after `done`, which is called once, on a thread of gRPC's.
class Visit {
 public:
  using Stub = scheduling::v1::SchedulingService::Stub;
  using Done = std::function<void(const Visited&)>;

  // `call` and `stub` outlive it.
  static void Start(Stub& stub, const rpc::ClientCall& call, scheduling::v1::HoldSeatRequest hold,
                    Done done);

 private:
  Visit(Stub& stub, const rpc::ClientCall& call, scheduling::v1::HoldSeatRequest hold, Done done);
  void Hold();
  void Book();
  // True when it will be asked again by `next`.
  bool Again(const grpc::Status& status, void (Visit::*next)());
  void End(const grpc::Status& status);

  Stub& stub_;
  const rpc::ClientCall& call_;
  scheduling::v1::HoldSeatRequest hold_;
  scheduling::v1::BookSeatRequest book_;
  scheduling::v1::Booking booking_;
  const Done done_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::Alarm alarm_;
  Visited visited_;
};

}  // namespace yilian::bench
