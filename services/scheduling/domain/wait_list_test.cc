#include "services/scheduling/domain/wait_list.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

template <typename IdType>
IdType Id(std::string_view name) {
  return IdType(base::Uuid::V5(base::Uuid(), name));
}

const Actor kClinic{.organization = Id<OrganizationId>("clinic")};
const Actor kHospital{.organization = Id<OrganizationId>("hospital")};

WaitListEntry Entry(WaitListState state) {
  return {.id = Id<WaitListEntryId>("entry"),
          .organization = kClinic.organization,
          .session_organization = kHospital.organization,
          .time = {kNow, kNow + absl::Hours(48)},
          .state = state};
}

TEST(WaitList, OrganizationsTakeTurns) {
  // Two patients of one clinic, then the first of another: it comes before the second.
  const int64_t first = NextTurn(0, 0);
  const int64_t second = NextTurn(0, first);
  EXPECT_LT(NextTurn(0, 0), second);
  // Who comes late claims nothing for the time before.
  EXPECT_GT(NextTurn(7, 0), 7);
}

TEST(WaitList, AnOfferLastsAtMostHalfOfWhatIsLeft) {
  WaitListEntry entry = Entry(WaitListState::kWaiting);
  const absl::Time far = kNow + absl::Hours(24) * 9;
  EXPECT_EQ(entry.OfferEnd(kNow, far, {}), kNow + absl::Hours(2));
  EXPECT_EQ(entry.OfferEnd(kNow, kNow + absl::Hours(1), {}), kNow + absl::Minutes(30));
  entry.cancelled_booking = Id<BookingId>("booking");
  EXPECT_EQ(entry.OfferEnd(kNow, far, {}), kNow + absl::Hours(24));
}

TEST(WaitList, EveryCommandInEveryState) {
  struct Row {
    WaitListState state;
    bool offer, accept, decline, leave;
  };
  for (const Row& row : {Row{WaitListState::kWaiting, true, false, false, true},
                         Row{WaitListState::kOffered, false, true, true, true},
                         Row{WaitListState::kBooked, false, false, false, false},
                         Row{WaitListState::kLeft, false, false, false, true},
                         Row{WaitListState::kLapsed, false, false, false, true}}) {
    SCOPED_TRACE(Name(row.state));
    const WaitListEntry entry = Entry(row.state);
    EXPECT_EQ(entry.Offer(Booking()).ok(), row.offer);
    EXPECT_EQ(entry.Accept(kClinic).ok(), row.accept);
    EXPECT_EQ(entry.Decline(kClinic, {}, kNow).ok(), row.decline);
    EXPECT_EQ(entry.Leave("WHY").ok(), row.leave);
  }
}

TEST(WaitList, OnlyWhoJoinedAnswersAnOffer) {
  const WaitListEntry entry = Entry(WaitListState::kOffered);
  EXPECT_TRUE(entry.IsParty(kHospital));
  EXPECT_FALSE(entry.IsParty({.organization = Id<OrganizationId>("other")}));
  EXPECT_THAT(entry.Accept(kHospital),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(entry.Decline(kHospital, {}, kNow),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

TEST(WaitList, ThePassedOfferThatIsOneTooManyEndsTheEntry) {
  WaitListEntry entry = Entry(WaitListState::kOffered);
  entry = entry.Pass({.passed_offers = 2}, kNow);
  EXPECT_EQ(entry.state, WaitListState::kWaiting);
  entry = entry.Pass({.passed_offers = 2}, kNow);
  EXPECT_EQ(entry.state, WaitListState::kLapsed);
  EXPECT_EQ(entry.reason, "OFFERS_PASSED");
  EXPECT_EQ(entry.version, 3);
}

TEST(WaitList, AnEntryEndsWithItsTimeButNotUnderAnOffer) {
  const absl::Time over = kNow + absl::Hours(48);
  EXPECT_FALSE(Entry(WaitListState::kWaiting).Lapse(over - absl::Seconds(1)));
  EXPECT_TRUE(Entry(WaitListState::kWaiting).Lapse(over));
  EXPECT_FALSE(Entry(WaitListState::kOffered).Lapse(over));
  EXPECT_EQ(Entry(WaitListState::kOffered).Pass({}, over).reason, "WINDOW_OVER");
}

TEST(WaitList, AWishNamesEveryRuleItBreaks) {
  WaitListWish wish{.time = {kNow + absl::Hours(1), kNow + absl::Hours(2)}};
  EXPECT_THAT(CheckWish(wish, {}, kNow), IsOk());
  wish.time = {kNow - absl::Hours(1), kNow - absl::Hours(2)};
  EXPECT_THAT(CheckWish(wish, {}, kNow), StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  wish.time = {kNow, kNow + absl::Hours(24) * 93};
  EXPECT_THAT(CheckWish(wish, {}, kNow), StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::scheduling
