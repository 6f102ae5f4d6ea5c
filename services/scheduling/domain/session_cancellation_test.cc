#include "services/scheduling/domain/session_cancellation.h"

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

Session At(std::string_view name, absl::Duration ahead, std::string_view expert) {
  return {.id = Id<SessionId>(name),
          .organization = Id<OrganizationId>("hospital"),
          .practitioner = Id<PractitionerId>(expert),
          .time = {kNow + ahead, kNow + ahead + absl::Hours(4)}};
}

TEST(CancelSession, IsForWhoOffersItAndBeforeItStarts) {
  Session session = At("lost", absl::Hours(1), "expert");
  EXPECT_THAT(CheckCancel(session, {.organization = session.organization}, kNow), IsOk());
  EXPECT_THAT(CheckCancel(session, {.service = true}, kNow), IsOk());
  EXPECT_THAT(CheckCancel(session, {.organization = Id<OrganizationId>("other")}, kNow),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(CheckCancel(session, {.service = true}, kNow + absl::Hours(1)),
              StatusIs(StatusCode::kFailedPrecondition, "SESSION_CLOSED"));
  session.cancelled = true;
  EXPECT_THAT(CheckCancel(session, {.service = true}, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "SESSION_CLOSED"));
}

TEST(CancelSession, TheSameExpertIsNearerThanAnotherAndThenTheTimeDecides) {
  const Session lost = At("lost", absl::Hours(48), "expert");
  std::vector<Session> sessions = {At("another's, an hour later", absl::Hours(49), "another"),
                                   At("a day later", absl::Hours(72), "expert"),
                                   At("12 h before", absl::Hours(36), "expert")};
  SortByNearness(lost, sessions);
  EXPECT_EQ(sessions[0].id, Id<SessionId>("12 h before"));
  EXPECT_EQ(sessions[1].id, Id<SessionId>("a day later"));
  EXPECT_EQ(sessions[2].id, Id<SessionId>("another's, an hour later"));
}

}  // namespace
}  // namespace yilian::scheduling
