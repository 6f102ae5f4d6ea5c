// Referrals and their aggregates on a real database, followed as the consumer does it; for tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/outbox/cursor_store.h"
#include "common/outbox/outbox.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "common/wire/timestamp.h"
#include "services/referral/store/mysql_statistics_store.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {

using status::IsOk;
using test_support::WriteAs;

inline OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}

class StatisticsFixture : public ::testing::Test {
 protected:
  static inline const Actor kTownship{.organization = Org(1)};
  static inline const Actor kHospital{.organization = Org(2)};

  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(ReferralMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.referral");
    referrals_ = std::make_unique<MysqlReferralStore>(*unit_, zone_);
    statistics_ = std::make_unique<MysqlStatisticsStore>(*pool_, *referrals_);
    sequencer_ = std::make_unique<outbox::Sequencer>(*pool_);
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }

  Referral Submit(const Actor& receiver, const DepartmentId& department) {
    NewReferral input;
    input.id = ReferralId(base::Uuid::V7());
    input.patient = PatientId(base::Uuid::V7());
    input.urgency = Urgency::kUrgent;
    input.receiving_organization = receiver.organization;
    input.receiving_department = department;
    input.summary = {.complaint = "胸痛", .diagnosis_code = "I20.0"};
    EXPECT_THAT(referrals_->Create<v1::Referral>(
                    WriteAs(kTownship.organization.uuid()),
                    [&](absl::Time at) -> absl::StatusOr<Change> {
                      auto created = CreateReferral(input, kTownship, deadlines_, at);
                      if (!created.ok()) return created.status();
                      return created->after.Submit(kTownship, Submission{.consented = true},
                                                   deadlines_, at);
                    },
                    [](const std::vector<Change>&) { return v1::Referral(); }),
                IsOk());
    ids_.insert(input.id);
    return Read(input.id);
  }
  Referral Read(ReferralId id) {
    const auto found = referrals_->Get(id, kTownship.organization, Deadline());
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : Referral();
  }
  // False: not possible as the referral stands.
  using Command = std::function<absl::StatusOr<Change>(const Referral&, absl::Time)>;
  bool Do(ReferralId id, const Actor& by, const Command& command) {
    return referrals_
        ->Update<v1::Referral>(
            WriteAs(by.organization.uuid()), id, by.organization, std::nullopt,
            [&](const Referral& now, absl::Time at) -> absl::StatusOr<std::vector<Change>> {
              auto change = command(now, at);
              if (!change.ok()) return change.status();
              return std::vector<Change>{*change};
            },
            [](const std::vector<Change>&) { return v1::Referral(); })
        .ok();
  }
  void FailBooking(ReferralId id, BookingFailure why = BookingFailure::kNoSeat) {
    EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test.FailBooking", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return referrals_
                                            ->ApplyInJob(session, id, clock_.Now(),
                                                         [&](const Referral& now, absl::Time at) {
                                                           Change change{
                                                               .after = now,
                                                               .events = {"ReferralBookingFailed"}};
                                                           change.after.updated_at = at;
                                                           change.after.booking_failure = why;
                                                           ++change.after.version;
                                                           return std::optional<Change>(change);
                                                         })
                                            .status();
                                      }),
                IsOk());
  }

  // Seen and completed by whoever has it.
  void Complete(ReferralId id) {
    EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Complete", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return referrals_
                                            ->ApplyInJob(
                                                session, id, clock_.Now(),
                                                [](const Referral& now, absl::Time at) {
                                                  Referral seen = now;
                                                  seen.state = State::kInCare;
                                                  return std::optional<Change>(*seen.Complete(
                                                      {.organization = now.receiving_organization},
                                                      "已出院", at));
                                                })
                                            .status();
                                      }),
                IsOk());
  }

  void Apply(std::span<const event::v1::Event> events) {
    EXPECT_THAT(
        mysql::RunTransaction(
            *pool_, {.name = "test.Apply", .deadline = Deadline()},
            [&](mysql::Session& session) -> absl::Status {
              RETURN_IF_ERROR(
                  outbox::ReadCursor(session, kStatisticsConsumer, kStatisticsSource).status());
              RETURN_IF_ERROR(outbox::LockCursor(session, kStatisticsConsumer).status());
              return statistics_->Apply(session, events);
            }),
        IsOk());
  }
  // What the consumer does: every event since the last time, in order.
  void Follow() {
    while (*sequencer_->RunOnce() > 0) {
    }
    std::vector<outbox::StoredEvent> events;
    ASSERT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) -> absl::Status {
                                 auto read = outbox::ReadAfter(session, cursor_, 10'000);
                                 if (!read.ok()) return read.status();
                                 events = *std::move(read);
                                 return absl::OkStatus();
                               }),
                IsOk());
    std::vector<event::v1::Event> next;
    for (const outbox::StoredEvent& stored : events) {
      event::v1::Event event;
      event.set_type(stored.type);
      event.set_aggregate_version(stored.aggregate_version);
      wire::SetTime(event.mutable_occurred_at(), stored.occurred_at);
      ASSERT_TRUE(event.mutable_payload()->ParseFromString(stored.payload));
      next.push_back(event);
      applied_.push_back(event);
      cursor_ = stored.position;
    }
    // The first one by itself, the others together.
    const auto alone = std::span<const event::v1::Event>(next).first(next.empty() ? 0 : 1);
    Apply(alone);
    Apply(std::span<const event::v1::Event>(next).subspan(alone.size()));
  }

  PeriodStatistics Of(const Actor& receiver, absl::CivilDay first, absl::CivilDay last,
                      Grain grain = Grain::kDay, DepartmentId department = {}) {
    const auto periods = statistics_->Periods({.organization = receiver.organization,
                                               .department = department,
                                               .grain = grain,
                                               .first = first,
                                               .last = last},
                                              Deadline());
    EXPECT_THAT(periods, IsOk());
    PeriodStatistics total;
    for (const auto& [period, statistics] : *periods) total.Add(statistics);
    return total;
  }
  Counts Today(const Actor& receiver) {
    const absl::CivilDay today = absl::ToCivilDay(clock_.Now(), zone_);
    return Of(receiver, today, today).counts;
  }

  // The same by looking at every row.
  std::map<StatisticPlace, PeriodStatistics> Recomputed() {
    std::map<StatisticPlace, PeriodStatistics> places;
    for (const ReferralId id : ids_) {
      const auto contribution = ContributionOf(Read(id), zone_);
      if (!contribution) continue;
      PeriodStatistics one{.counts = contribution->counts};
      if (contribution->response_bucket) {
        one.buckets[BucketKind::kResponseTime][*contribution->response_bucket] = 1;
      }
      places[contribution->place].Add(one);
    }
    for (const event::v1::Event& event : applied_) {
      v1::ReferralChanged changed;
      EXPECT_TRUE(event.payload().UnpackTo(&changed));
      const auto kind =
          FactOf(event.type(), static_cast<BookingFailure>(changed.booking_failure()));
      if (!kind) continue;
      PeriodStatistics one;
      if (const auto measure = MeasureOf(*kind)) one.counts[*measure] = 1;
      if (*kind == FactKind::kRejected) one.buckets[BucketKind::kRejectedFor][changed.reason()] = 1;
      if (*kind == FactKind::kReturned) one.buckets[BucketKind::kReturnedFor][changed.reason()] = 1;
      std::string organization = changed.receiving_organization_id();
      std::string department = changed.receiving_department_id();
      if (changed.has_response()) {
        const v1::ReceiverResponse& gave = changed.response();
        organization = gave.organization_id();
        department = gave.department_id();
        if (gave.has_due_at()) {
          one.counts[Measure::kResponsesOwed] = 1;
          if (gave.has_responded_at()) {
            const absl::Time responded = wire::ToTime(gave.responded_at());
            one.counts[Measure::kAnswered] = 1;
            one.counts[Measure::kAnsweredInTime] = responded <= wire::ToTime(gave.due_at()) ? 1 : 0;
            one.buckets[BucketKind::kResponseTime]
                       [ResponseBucket(responded - wire::ToTime(gave.received_at()))] = 1;
          }
        }
      }
      places[{.organization = *OrganizationId::Parse(organization),
              .department = *DepartmentId::Parse(department),
              .day = absl::ToCivilDay(wire::ToTime(event.occurred_at()), zone_)}]
          .Add(one);
    }
    return places;
  }
  static std::map<BucketKind, Buckets> WithoutZeros(std::map<BucketKind, Buckets> buckets) {
    for (auto& [kind, counts] : buckets) {
      std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
    }
    std::erase_if(buckets, [](const auto& entry) { return entry.second.empty(); });
    return buckets;
  }
  void ExpectEqual(const PeriodStatistics& kept, const PeriodStatistics& recomputed) {
    EXPECT_EQ(kept.counts, recomputed.counts);
    EXPECT_EQ(WithoutZeros(kept.buckets), WithoutZeros(recomputed.buckets));
  }

  // The aggregates are what looking at every row gives, by day and by month.
  void ExpectAllEqual() {
    std::map<OrganizationId, PeriodStatistics> totals;
    for (const auto& [place, recomputed] : Recomputed()) {
      const Actor receiver{.organization = place.organization};
      ExpectEqual(Of(receiver, place.day, place.day, Grain::kDay, place.department), recomputed);
      totals[place.organization].Add(recomputed);
    }
    for (const auto& [organization, recomputed] : totals) {
      ExpectEqual(Of({.organization = organization}, absl::CivilDay(2026, 1, 1),
                     absl::CivilDay(2027, 12, 31), Grain::kMonth),
                  recomputed);
    }
  }

  const absl::TimeZone zone_ = absl::FixedTimeZone(8 * 3600);
  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), zone_)};
  const Deadlines deadlines_{{}, WorkingCalendar(zone_, {}, {})};
  const DepartmentId cardiology_{base::Uuid::V7()};
  const DepartmentId neurology_{base::Uuid::V7()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReferralStore> referrals_;
  std::unique_ptr<MysqlStatisticsStore> statistics_;
  std::unique_ptr<outbox::Sequencer> sequencer_;
  std::set<ReferralId> ids_;
  std::vector<event::v1::Event> applied_;
  int64_t cursor_ = 0;
};

}  // namespace yilian::referral
