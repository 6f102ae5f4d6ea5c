#include "tests/bench/booking/visit.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/uuid.h"
#include "common/status/error.h"

namespace yilian::bench {
namespace {

constexpr absl::Duration kLeastPause = absl::Milliseconds(20);

}  // namespace

void Visit::Start(Stub& stub, const rpc::ClientCall& call, scheduling::v1::HoldSeatRequest hold,
                  Done done) {
  (new Visit(stub, call, std::move(hold), std::move(done)))->Hold();
}

Visit::Visit(Stub& stub, const rpc::ClientCall& call, scheduling::v1::HoldSeatRequest hold,
             Done done)
    : stub_(stub), call_(call), hold_(std::move(hold)), done_(std::move(done)) {
  hold_.set_request_id(base::Uuid::V7().ToString());
  visited_.asked = absl::Now();
}

void Visit::Hold() {
  visited_.sent_last = absl::Now();
  context_ = std::make_unique<grpc::ClientContext>();
  (void)call_.Prepare(*context_);
  stub_.async()->HoldSeat(context_.get(), &hold_, &booking_, [this](const grpc::Status& status) {
    if (Again(status, &Visit::Hold)) return;
    if (!status.ok()) return End(status);
    book_.set_request_id(base::Uuid::V7().ToString());
    book_.set_booking_id(booking_.booking_id());
    book_.set_hold_token(booking_.hold_token());
    Book();
  });
}

void Visit::Book() {
  context_ = std::make_unique<grpc::ClientContext>();
  (void)call_.Prepare(*context_);
  stub_.async()->BookSeat(context_.get(), &book_, &booking_, [this](const grpc::Status& status) {
    if (!Again(status, &Visit::Book)) End(status);
  });
}

bool Visit::Again(const grpc::Status& status, void (Visit::*next)()) {
  if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) return false;
  ++visited_.later;
  absl::Duration pause = kLeastPause;
  if (const auto asked = status::RetryOf(status::FromGrpc(status))) {
    pause = std::max(pause, absl::Seconds(asked->retry_delay().seconds()) +
                                absl::Nanoseconds(asked->retry_delay().nanos()));
  }
  alarm_.Set(absl::ToChronoTime(absl::Now() + pause), [this, next](bool) { (this->*next)(); });
  return true;
}

void Visit::End(const grpc::Status& status) {
  visited_.answered = absl::Now();
  if (!status.ok()) {
    const absl::Status refusal = status::FromGrpc(status);
    visited_.reason = status::ReasonOf(refusal);
    if (visited_.reason.empty()) visited_.reason = absl::StatusCodeToString(refusal.code());
    const auto info = status::InfoOf(refusal);
    visited_.names_what = info && info->metadata().count("session_id") > 0;
  }
  visited_.seat_number = booking_.seat_number();
  done_(visited_);
  delete this;
}

}  // namespace yilian::bench
