#include "services/scheduling/domain/series.h"

#include <gtest/gtest.h>

#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

const absl::CivilDay kFirst(2026, 3, 6);

TEST(Series, MeansTheWallClockAlsoWhenItIsSet) {
  // New York sets its clocks forward on 8 March 2026.
  const absl::TimeZone zone = Zone("America/New_York");
  const SeriesWish wish{.first = kFirst,
                        .interval_days = 3,
                        .visits = 2,
                        .hours = WallHours{TimeOfDay::Parse("08:00"), TimeOfDay::Parse("12:00")}};
  const auto visits = VisitsOf(wish, {}, zone, absl::FromCivil(kFirst - 1, zone));
  ASSERT_THAT(visits, IsOk());
  ASSERT_EQ(visits->size(), 2U);
  EXPECT_EQ(visits->at(1).date, kFirst + 3);
  EXPECT_EQ(visits->at(1).window.start - visits->at(0).window.start,
            absl::Hours(24) * 3 - absl::Hours(1));
}

TEST(Series, WithoutHoursItIsTheWholeDay) {
  const absl::TimeZone zone = Zone("Asia/Shanghai");
  const auto visits = VisitsOf({.first = kFirst}, {}, zone, absl::FromCivil(kFirst, zone));
  ASSERT_THAT(visits, IsOk());
  EXPECT_EQ(visits->front().window,
            (Span{absl::FromCivil(kFirst, zone), absl::FromCivil(kFirst + 1, zone)}));
}

TEST(Series, DatesThatAreOverOrTooFarAheadAreNamed) {
  const absl::TimeZone zone = Zone("Asia/Shanghai");
  const absl::Time now = absl::FromCivil(kFirst, zone);
  EXPECT_THAT(VisitsOf({.first = kFirst - 1}, {}, zone, now),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(VisitsOf({.first = kFirst, .interval_days = 31, .visits = 4}, {}, zone, now),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(VisitsOf({.first = kFirst, .interval_days = 30, .visits = 4}, {}, zone, now), IsOk());
}

TEST(Series, ARefusalNamesTheVisitAndItsCause) {
  const BookingId blocking(base::Uuid::V7());
  const absl::Status refused =
      errors::SeriesNotMet({.number = 3, .date = kFirst}, errors::PatientOverlap(blocking));
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "SERIES_NOT_MET"));
  const auto info = status::InfoOf(refused);
  EXPECT_EQ(info->metadata().at("visit"), "3");
  EXPECT_EQ(info->metadata().at("date"), "2026-03-06");
  EXPECT_EQ(info->metadata().at("cause"), "PATIENT_OVERLAP");
  EXPECT_EQ(info->metadata().at("blocking_booking_id"), blocking.ToString());
  EXPECT_THAT(errors::SeriesNotMet({}, absl::UnavailableError("down")),
              StatusIs(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace yilian::scheduling
