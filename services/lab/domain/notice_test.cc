// A correction notice from its making to its acknowledgement, without a database.
#include "services/lab/domain/notice.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);
const NoticeActor kReader{.organization = OrganizationId(base::Uuid::V7()),
                          .user = AccountId(base::Uuid::V7())};
const NoticeActor kColleague{.organization = kReader.organization,
                             .user = AccountId(base::Uuid::V7())};
const NoticeActor kStranger{.organization = OrganizationId(base::Uuid::V7()), .user = kReader.user};
const NoticeRules kRules;

CorrectionNotice Issued() {
  return CorrectionNotice::Issue({.report = ReportId(base::Uuid::V7()),
                                  .report_version = 2,
                                  .organization = kReader.organization,
                                  .user = kReader.user,
                                  .created_at = kNow},
                                 kRules)
      .after;
}

TEST(CorrectionNotice, ClimbsTheLadderStepByStepAndNoFarther) {
  CorrectionNotice notice = Issued();
  EXPECT_EQ(notice.due_at, kNow + absl::Hours(4));
  EXPECT_FALSE(notice.Escalate(kRules, kNow + absl::Hours(4) - absl::Microseconds(1)));
  // After a day's standstill each step is taken once.
  const absl::Time late = kNow + absl::Hours(100);
  notice = notice.Escalate(kRules, late)->after;
  EXPECT_EQ(notice.tier, 1);
  EXPECT_EQ(notice.due_at, kNow + absl::Hours(24));
  notice = notice.Escalate(kRules, late)->after;
  EXPECT_EQ(notice.tier, 2);
  EXPECT_FALSE(notice.due_at);
  EXPECT_FALSE(notice.Escalate(kRules, late));
}

TEST(CorrectionNotice, IsAcknowledgedByItsReaderAndAfterTheFirstStepByTheOrganization) {
  CorrectionNotice notice = Issued();
  for (const NoticeActor& other : {kColleague, kStranger}) {
    EXPECT_THAT(notice.Acknowledge(other, kNow).status(),
                StatusIs(absl::StatusCode::kNotFound, "NOTICE_NOT_FOUND"));
  }
  EXPECT_THAT(notice.Acknowledge(kReader, kNow).status(), IsOk());
  notice = notice.Escalate(kRules, kNow + absl::Hours(4))->after;
  EXPECT_THAT(notice.Acknowledge(kStranger, kNow).status(),
              StatusIs(absl::StatusCode::kNotFound, "NOTICE_NOT_FOUND"));
  const auto done = notice.Acknowledge(kColleague, kNow + absl::Hours(5));
  ASSERT_TRUE(done.ok() && done->has_value());
  EXPECT_EQ((*done)->after.acknowledged_by, kColleague.user);
  EXPECT_FALSE((*done)->after.due_at);
  EXPECT_FALSE((*done)->after.Escalate(kRules, kNow + absl::Hours(100)));
}

TEST(CorrectionNotice, TheFirstAcknowledgementStays) {
  const CorrectionNotice done = (*Issued().Acknowledge(kReader, kNow))->after;
  const auto again = done.Acknowledge(kReader, kNow + absl::Hours(1));
  ASSERT_THAT(again.status(), IsOk());
  EXPECT_FALSE(again->has_value());
}

TEST(CorrectionNotice, HasOneIdAReportVersionAndReader) {
  CorrectionNotice notice = Issued();
  const NoticeId id = notice.id;
  EXPECT_EQ(notice.MakeId(), id);
  notice.report_version = 3;
  EXPECT_NE(notice.MakeId(), id);
  notice.report_version = 2;
  notice.user = AccountId();
  EXPECT_NE(notice.MakeId(), id);
}

}  // namespace
}  // namespace yilian::lab
