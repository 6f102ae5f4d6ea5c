#include "tests/chaos/booking/booker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/certificate.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"

namespace yilian::chaos {
namespace {

using ctl::demo::NewId;
namespace v1 = scheduling::v1;
using Stub = v1::SchedulingService::Stub;

// A replica that is stopped holds a call for ever; the client's patience with one ends.
constexpr absl::Duration kAttempt = absl::Seconds(2);
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kPause = absl::Milliseconds(50);
constexpr size_t kMostBooked = 3;  // of one client; then its oldest goes
constexpr int kShortHold = 2;      // seconds

// What the service may say to such clients, beside yes.
bool IsRefusal(const std::string& reason) {
  return reason == "NO_SEAT" || reason == "PATIENT_OVERLAP" || reason == "HOLD_EXPIRED" ||
         reason == "COMMAND_NOT_AVAILABLE";
}

}  // namespace

absl::StatusOr<Replicas> Replicas::Of(const ctl::Region& region,
                                      const std::vector<std::string>& names) {
  Replicas replicas;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const std::string target, region.ConfigValue(name, "service.listen"));
    ASSIGN_OR_RETURN(const std::string of, region.ConfigValue(name, "service.region"));
    ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(target, region.Identity("yilianctl"),
                                                          {.region = of, .service = "scheduling"}));
    replicas.stubs.push_back(v1::SchedulingService::NewStub(channel));
  }
  return replicas;
}

absl::StatusOr<v1::Booking> Booker::Repeat(const Replicas& replicas,
                                           const ctl::demo::Person& person,
                                           const BookingRequest& request, Weather& weather,
                                           size_t first, int* attempts) {
  const absl::Time deadline = absl::Now() + kPatience;
  absl::Duration pause = kPause;
  for (size_t which = first;; ++which) {
    ++*attempts;
    Stub& stub = *replicas.stubs[which % replicas.stubs.size()];
    const rpc::ClientCall call = rpc::ClientCall(kAttempt).WithToken(person.token());
    const absl::Time sent = absl::Now();
    struct Ask {
      const rpc::ClientCall& call;
      Stub& stub;
      absl::StatusOr<v1::Booking> operator()(const v1::HoldSeatRequest& r) const {
        return call.Invoke(stub, &Stub::HoldSeat, r);
      }
      absl::StatusOr<v1::Booking> operator()(const v1::BookSeatRequest& r) const {
        return call.Invoke(stub, &Stub::BookSeat, r);
      }
      absl::StatusOr<v1::Booking> operator()(const v1::CancelBookingRequest& r) const {
        return call.Invoke(stub, &Stub::CancelBooking, r);
      }
      absl::StatusOr<v1::Booking> operator()(const v1::RescheduleBookingRequest& r) const {
        return call.Invoke(stub, &Stub::RescheduleBooking, r);
      }
    };
    absl::StatusOr<v1::Booking> answer = std::visit(Ask{call, stub}, request);
    if (!AsksAgain(answer.status())) {
      weather.answers.Note("scheduling", sent);
      return answer;
    }
    if (absl::Now() >= deadline) return answer;
    // Clients that come back all at once would be a second outage.
    absl::SleepFor(pause);  // lint:allow(test-sleep) the client's own backoff, up to `deadline`
    pause = std::min(pause * 2, absl::Milliseconds(400));
  }
}

void Booker::Work() {
  while (!deps_.weather.over.HasBeenNotified()) Turn();
}

void Booker::Turn() {
  v1::HoldSeatRequest hold;
  hold.set_request_id(NewId());
  hold.set_session_id(AnySession());
  hold.set_patient_id(deps_.patients[dice_() % deps_.patients.size()]);
  hold.set_organization_id(deps_.organization);
  const bool let_go = dice_() % 10 == 0;
  if (let_go) hold.set_hold_seconds(kShortHold);
  const Answered held = Do(hold);
  if (held.reason.empty() && !let_go) {
    v1::BookSeatRequest book;
    book.set_request_id(NewId());
    book.set_booking_id(held.booking.booking_id());
    book.set_hold_token(held.booking.hold_token());
    if (Do(book).reason.empty()) booked_.push_back(held.booking.booking_id());
  }
  if (!booked_.empty() && dice_() % 3 == 0) {
    v1::RescheduleBookingRequest move;
    move.set_request_id(NewId());
    move.set_booking_id(booked_[dice_() % booked_.size()]);
    move.set_session_id(AnySession());
    Do(move);
  }
  if (booked_.size() > kMostBooked) {
    Cancel(booked_.front());
    booked_.pop_front();
  }
}

void Booker::Cancel(const std::string& booking) {
  v1::CancelBookingRequest cancel;
  cancel.set_request_id(NewId());
  cancel.set_booking_id(booking);
  cancel.set_reason("PATIENT_DECLINED");
  Do(cancel);
}

Answered Booker::Do(BookingRequest request) {
  Answered answered{.request = std::move(request), .client = deps_.number};
  const absl::StatusOr<v1::Booking> answer = Repeat(deps_.replicas, deps_.person, answered.request,
                                                    deps_.weather, dice_(), &answered.attempts);
  if (answer.ok()) {
    answered.booking = *answer;
  } else {
    answered.reason = status::ReasonOf(answer.status());
    if (!IsRefusal(answered.reason)) {
      deps_.weather.journal.Unexpected(fmt::format(
          "client {}: {} {} ({})", deps_.number, absl::StatusCodeToString(answer.status().code()),
          std::string(answer.status().message()), answered.reason));
      if (answered.reason.empty()) answered.reason = "no answer";
    }
  }
  deps_.history.Add(answered);
  return answered;
}

}  // namespace yilian::chaos
