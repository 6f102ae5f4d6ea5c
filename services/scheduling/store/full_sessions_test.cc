#include "services/scheduling/store/full_sessions.h"

#include <gtest/gtest.h>

#include "common/base/uuid.h"

namespace yilian::scheduling {
namespace {

using std::chrono::seconds;

const FullSessions::Instant kLooked = FullSessions::Instant() + seconds(1000);

FullSessions::Asker NewAsker() {
  return {SessionId(base::Uuid::V7()), OrganizationId(base::Uuid::V7()), false};
}

TEST(FullSessions, RefusesWhoHadArrivedBeforeTheLookAndNobodyElse) {
  FullSessions full;
  const FullSessions::Asker asker = NewAsker();
  full.Remember(asker, kLooked, absl::NotFoundError("full"));
  EXPECT_EQ(full.Since(asker, kLooked - seconds(1)), absl::NotFoundError("full"));
  EXPECT_EQ(full.Since(asker, kLooked + seconds(1)), std::nullopt);
  FullSessions::Asker other = asker;
  other.organization = OrganizationId(base::Uuid::V7());
  EXPECT_EQ(full.Since(other, kLooked - seconds(1)), std::nullopt);
  other = asker;
  other.green = true;
  EXPECT_EQ(full.Since(other, kLooked - seconds(1)), std::nullopt);
}

TEST(FullSessions, AnEarlierLookThatEndsLaterTakesNothingBack) {
  FullSessions full;
  const FullSessions::Asker asker = NewAsker();
  full.Remember(asker, kLooked, absl::NotFoundError("late"));
  full.Remember(asker, kLooked - seconds(5), absl::NotFoundError("early"));
  EXPECT_EQ(full.Since(asker, kLooked), absl::NotFoundError("late"));
}

TEST(FullSessions, OldLooksMakeRoom) {
  FullSessions full;
  for (int i = 0; i < 1024; ++i) full.Remember(NewAsker(), kLooked, absl::NotFoundError(""));
  const FullSessions::Asker soon = NewAsker();
  full.Remember(soon, kLooked + seconds(1), absl::NotFoundError(""));
  EXPECT_EQ(full.Since(soon, kLooked), std::nullopt) << "no room";
  const FullSessions::Asker later = NewAsker();
  full.Remember(later, kLooked + seconds(61), absl::NotFoundError(""));
  EXPECT_EQ(full.Since(later, kLooked), absl::NotFoundError(""));
}

}  // namespace
}  // namespace yilian::scheduling
