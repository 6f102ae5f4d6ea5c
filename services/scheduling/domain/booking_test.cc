#include "services/scheduling/domain/booking.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const OrganizationId kTownship = OrganizationId(base::Uuid::V5(base::Uuid(), "township"));
const OrganizationId kHospital = OrganizationId(base::Uuid::V5(base::Uuid(), "hospital"));
const OrganizationId kStranger = OrganizationId(base::Uuid::V5(base::Uuid(), "stranger"));
const Actor kOffering{kHospital};
const std::vector<BookingState> kStates = {
    BookingState::kHeld,   BookingState::kBooked,    BookingState::kCheckedIn, BookingState::kDone,
    BookingState::kNoShow, BookingState::kCancelled, BookingState::kExpired};

Booking In(BookingState state) {
  return {.id = BookingId::New(kNow),
          .session = SessionId::New(kNow),
          .session_organization = kHospital,
          .seat_number = 3,
          .time = {kNow + absl::Hours(1), kNow + absl::Hours(2)},
          .patient = PatientId::New(kNow),
          .organization = kTownship,
          .state = state,
          .hold_expires_at = kNow + absl::Minutes(5),
          .version = 4};
}

// What a command makes of each state: the new state, or the reason of the refusal.
template <typename Command>
void ExpectInEveryState(const Command& command, const std::map<BookingState, BookingState>& legal,
                        const std::map<BookingState, std::string>& other_reasons = {}) {
  for (const BookingState state : kStates) {
    SCOPED_TRACE(std::string(Name(state)));
    const absl::StatusOr<Booking> after = command(In(state));
    if (const auto to = legal.find(state); to != legal.end()) {
      ASSERT_THAT(after, IsOk());
      EXPECT_EQ(after->state, to->second);
      EXPECT_EQ(after->version, 5);
      continue;
    }
    const auto reason = other_reasons.find(state);
    EXPECT_THAT(after,
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         reason == other_reasons.end() ? "COMMAND_NOT_AVAILABLE" : reason->second));
  }
}

TEST(Book, TurnsAHoldIntoABooking) {
  ExpectInEveryState([](const Booking& booking) { return booking.Book(kNow); },
                     {{BookingState::kHeld, BookingState::kBooked}},
                     {{BookingState::kExpired, "HOLD_EXPIRED"}});
}

TEST(Book, IsTooLateAtTheVeryInstantTheHoldEnds) {
  const Booking held = In(BookingState::kHeld);
  EXPECT_THAT(held.Book(held.hold_expires_at - absl::Microseconds(1)), IsOk());
  EXPECT_THAT(held.Book(held.hold_expires_at),
              StatusIs(absl::StatusCode::kFailedPrecondition, "HOLD_EXPIRED"));
}

TEST(Cancel, EndsAHoldOrABookingAndLeavesWhatHasEnded) {
  for (const BookingState state : kStates) {
    SCOPED_TRACE(std::string(Name(state)));
    const absl::StatusOr<std::optional<Booking>> after = In(state).Cancel();
    switch (state) {
      case BookingState::kHeld:
      case BookingState::kBooked:
        ASSERT_THAT(after, IsOk());
        ASSERT_TRUE(after->has_value());
        EXPECT_EQ((*after)->state, BookingState::kCancelled);
        break;
      case BookingState::kCancelled:
      case BookingState::kExpired:
        ASSERT_THAT(after, IsOk());
        EXPECT_FALSE(after->has_value());
        break;
      default:
        EXPECT_THAT(after,
                    StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
    }
  }
}

TEST(Move, FollowsTheVisit) {
  const auto to = [](BookingState state) {
    return [state](const Booking& booking) { return booking.Move(state, kOffering); };
  };
  ExpectInEveryState(to(BookingState::kCheckedIn),
                     {{BookingState::kBooked, BookingState::kCheckedIn}});
  ExpectInEveryState(to(BookingState::kNoShow), {{BookingState::kBooked, BookingState::kNoShow}});
  ExpectInEveryState(to(BookingState::kDone), {{BookingState::kCheckedIn, BookingState::kDone}});
}

TEST(Move, GoesToNoOtherState) {
  for (const BookingState to : {BookingState::kHeld, BookingState::kBooked,
                                BookingState::kCancelled, BookingState::kExpired}) {
    EXPECT_THAT(In(BookingState::kBooked).Move(to, kOffering),
                StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  }
}

TEST(Move, BelongsToTheOrganizationThatOffersTheSession) {
  EXPECT_THAT(In(BookingState::kBooked).Move(BookingState::kCheckedIn, Actor{kTownship}),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(
      In(BookingState::kBooked).Move(BookingState::kCheckedIn, Actor{OrganizationId(), true}),
      IsOk());
}

TEST(Expire, LetsGoOfAHoldThatIsOverAndOfNothingElse) {
  for (const BookingState state : kStates) {
    SCOPED_TRACE(std::string(Name(state)));
    const Booking booking = In(state);
    EXPECT_FALSE(booking.Expire(booking.hold_expires_at - absl::Microseconds(1)).has_value());
    EXPECT_EQ(booking.Expire(booking.hold_expires_at).has_value(), state == BookingState::kHeld);
  }
}

TEST(Party, IsWhoBookedWhoOffersAndTheRegionsServices) {
  const Booking booking = In(BookingState::kBooked);
  EXPECT_TRUE(booking.IsParty(Actor{kTownship}));
  EXPECT_TRUE(booking.IsParty(Actor{kHospital}));
  EXPECT_TRUE(booking.IsParty(Actor{OrganizationId(), true}));
  EXPECT_FALSE(booking.IsParty(Actor{kStranger}));
  EXPECT_FALSE(booking.IsParty(Actor{}));
}

Session FourHours(int seats) {
  return {.id = SessionId::New(kNow), .time = {kNow, kNow + absl::Hours(4)}, .seats = seats};
}

Booking During(absl::Time start, absl::Time end) {
  Booking booking = In(BookingState::kBooked);
  booking.time = {start, end};
  return booking;
}

TEST(SeatsBlocked, AreThoseWhoseTimeOverlaps) {
  // Eight seats of half an hour.
  const Booking visit = During(kNow + absl::Minutes(45), kNow + absl::Minutes(61));
  EXPECT_THAT(SeatsBlockedBy(FourHours(8), {visit}, 8), ElementsAre(BlockedSeats{2, 3, visit.id}));
}

TEST(SeatsBlocked, TouchingTimesDoNotOverlap) {
  const Booking before = During(kNow - absl::Hours(1), kNow);
  const Booking after = During(kNow + absl::Hours(4), kNow + absl::Hours(5));
  EXPECT_THAT(SeatsBlockedBy(FourHours(8), {before, after}, 8), IsEmpty());
}

TEST(SeatsBlocked, KeepToTheLimitByTakingTheLastTogether) {
  std::vector<Booking> bookings;
  for (int i = 0; i < 4; ++i) {
    bookings.push_back(During(kNow + absl::Hours(i), kNow + absl::Hours(i) + absl::Minutes(10)));
  }
  EXPECT_THAT(SeatsBlockedBy(FourHours(8), bookings, 2),
              ElementsAre(BlockedSeats{1, 1, bookings[0].id}, BlockedSeats{3, 7, bookings[1].id}));
}

TEST(Errors, NameWhatBlocks) {
  const BookingId blocking = BookingId::New(kNow);
  const absl::Status overlap = errors::PatientOverlap(blocking);
  EXPECT_EQ(status::InfoOf(overlap)->metadata().at("blocking_booking_id"), blocking.ToString());
  const absl::Status full = errors::NoSeat(SessionId::New(kNow), 7);
  EXPECT_EQ(status::InfoOf(full)->metadata().at("reserved_elsewhere"), "7");
  EXPECT_TRUE(status::LocalizedOf(full).has_value());
}

}  // namespace
}  // namespace yilian::scheduling
