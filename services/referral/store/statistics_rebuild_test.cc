// What a rebuilding mends, and that it does no harm beside those who write.
#include <atomic>
#include <thread>

#include "services/referral/store/mysql_statistics_rebuild.h"
#include "services/referral/store/statistics_fixture.h"

namespace yilian::referral {
namespace {

class StatisticsRebuildTest : public StatisticsFixture {
 protected:
  void SetUp() override {
    StatisticsFixture::SetUp();
    if (IsSkipped()) return;
    rebuild_ = std::make_unique<MysqlStatisticsRebuild>(*unit_, *statistics_);
  }

  // Every step, as yilianctl goes through them.
  RebuildStep Rebuild() {
    RebuildStep sum;
    std::optional<RebuildPlace> at = RebuildPlace();
    while (at) {
      RebuildStep step;
      const auto answer = rebuild_->Step<v1::Referral>(WriteAs(kTownship.organization.uuid()), *at,
                                                       [&](const RebuildStep& done) {
                                                         step = done;
                                                         return v1::Referral();
                                                       });
      EXPECT_THAT(answer, IsOk());
      if (!answer.ok()) return sum;
      sum.referrals += step.referrals;
      sum.referrals_mended += step.referrals_mended;
      sum.aggregates_mended += step.aggregates_mended;
      at = step.next;
    }
    return sum;
  }
  void Spoil(const std::string& sql) {
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Spoil", .deadline = Deadline()},
                                      [&](mysql::Session& session) -> absl::Status {
                                        const auto rows = session.Execute({"test.Spoil", sql});
                                        if (!rows.ok()) return rows.status();
                                        EXPECT_GT(*rows, 0) << sql;
                                        return absl::OkStatus();
                                      }),
                IsOk());
  }
  // Accepted, rejected, returned and waiting, on two days.
  void LiveALittle() {
    for (int day = 0; day < 2; ++day) {
      const Referral accepted = Submit(kHospital, cardiology_);
      const Referral rejected = Submit(kHospital, neurology_);
      const Referral returned = Submit(kOther, cardiology_);
      Submit(kOther, neurology_);
      clock_.Advance(absl::Hours(1));
      ASSERT_TRUE(Do(accepted.id, kHospital, [](const Referral& now, absl::Time at) {
        return now.Accept(kHospital, std::nullopt, "", {}, at);
      }));
      ASSERT_TRUE(Do(rejected.id, kHospital, [](const Referral& now, absl::Time at) {
        return now.Reject(kHospital, ReasonCode::kNoCapacity, "", at);
      }));
      ASSERT_TRUE(Do(returned.id, kOther, [this](const Referral& now, absl::Time at) {
        return now.Return(kOther, ReasonCode::kInformationMissing, "", deadlines_, at);
      }));
      // Handed on, declined and handed on anew; said after closing.
      const auto hand_on = [this](const Referral& now, absl::Time at) {
        return now.Redirect(kOther, kHospital.organization, neurology_,
                            ReasonCode::kWrongDepartment, "", deadlines_, at);
      };
      const Referral handed = Submit(kOther, cardiology_);
      ASSERT_TRUE(Do(handed.id, kOther, hand_on));
      ASSERT_TRUE(Do(handed.id, kHospital, [](const Referral& now, absl::Time at) {
        return now.Reject(kHospital, ReasonCode::kBeyondCapability, "", at);
      }));
      ASSERT_TRUE(Do(handed.id, kOther, hand_on));
      Complete(accepted.id);
      ASSERT_TRUE(Do(accepted.id, kTownship, [](const Referral& now, absl::Time at) {
        return now.RecordPatientRating(kTownship, 5, Respondent::kPatient, at);
      }));
      ASSERT_TRUE(Do(accepted.id, kHospital, [](const Referral& now, absl::Time at) {
        return now.RecordClosingContact(kHospital, {.contacted_at = at, .reached = true}, at);
      }));
      FailBooking(returned.id, BookingFailure::kNoSeat);
      clock_.Advance(absl::Hours(23));
    }
    Follow();
    ExpectAllEqual();
  }

  const Actor kOther{.organization = Org(3)};
  std::unique_ptr<MysqlStatisticsRebuild> rebuild_;
};

TEST_F(StatisticsRebuildTest, WhatIsRightIsLeftAlone) {
  LiveALittle();
  const RebuildStep done = Rebuild();
  EXPECT_EQ(done.referrals, 10);
  EXPECT_EQ(done.referrals_mended, 0);
  EXPECT_EQ(done.aggregates_mended, 0);
  ExpectAllEqual();
}

TEST_F(StatisticsRebuildTest, ASpoiltAggregateIsMended) {
  LiveALittle();
  for (const char* sql :
       {"UPDATE referral_statistic SET received = received + 5 WHERE grain = 'D' LIMIT 1",
        "UPDATE referral_statistic SET answered = 0, rejected = 9 WHERE grain = 'M'",
        "UPDATE referral_statistic SET contacted = 7, patient_score = 0, responses_owed = 9 WHERE "
        "grain = 'D'",
        "DELETE FROM referral_statistic WHERE grain = 'M' LIMIT 1",
        "DELETE FROM referral_statistic",
        "UPDATE referral_statistic_bucket SET occurrences = 7 LIMIT 1",
        "DELETE FROM referral_statistic_bucket WHERE kind = 2",
        "INSERT INTO referral_statistic_bucket VALUES ('D', '2020-01-01', REPEAT('z', 16), "
        "REPEAT('d', 16), 1, 3, 4)",
        "INSERT INTO referral_statistic VALUES ('M', '2020-01-01', REPEAT('z', 16), REPEAT('d', "
        "16), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)"}) {
    Spoil(sql);
    EXPECT_GT(Rebuild().aggregates_mended, 0) << sql;
    ExpectAllEqual();
    EXPECT_EQ(Rebuild().aggregates_mended, 0) << sql;
  }
}

TEST_F(StatisticsRebuildTest, AReferralThatWasCountedWronglyIsCountedAsItStands) {
  LiveALittle();
  // One that no event ever told of, one with a wrong answer, one under another day and department.
  Spoil("DELETE FROM referral_counted LIMIT 1");
  Spoil("UPDATE referral_counted SET answered = NOT answered, rated = 2 LIMIT 1");
  Spoil("UPDATE referral_counted SET contacted = NOT contacted, patient_score = 2 LIMIT 1");
  Spoil("UPDATE referral_counted SET day = '2020-01-01', department_id = REPEAT('d', 16) LIMIT 1");
  EXPECT_GT(Rebuild().referrals_mended, 0);
  ExpectAllEqual();
  EXPECT_EQ(Rebuild().referrals_mended, 0);
}

TEST_F(StatisticsRebuildTest, BesideWritersAndTheConsumerNothingIsLostOrCountedTwice) {
  LiveALittle();
  Spoil("UPDATE referral_statistic SET received = received + 3 WHERE grain = 'M'");
  std::atomic<bool> writing = true;
  std::thread rebuilder([&] {
    while (writing) Rebuild();
  });
  for (int i = 0; i < 60; ++i) {
    const Referral referral = Submit(kHospital, i % 2 == 0 ? cardiology_ : neurology_);
    if (i % 3 == 0) {
      EXPECT_TRUE(Do(referral.id, kHospital, [](const Referral& now, absl::Time at) {
        return now.Reject(kHospital, ReasonCode::kNoCapacity, "", at);
      }));
    }
    if (i % 5 == 0) Follow();
  }
  Follow();
  writing = false;
  rebuilder.join();
  EXPECT_EQ(Rebuild().aggregates_mended, 0);
  ExpectAllEqual();
}

}  // namespace
}  // namespace yilian::referral
