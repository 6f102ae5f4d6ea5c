// The worklists' handlers on a real database, with referrals as a test wants them; for tests.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/mysql/transaction.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/referral/rpc/worklist_handlers.h"
#include "services/referral/store/mysql_referral_store.h"
#include "services/referral/store/worklist_store.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"

namespace yilian::referral {

inline OrganizationId Org(std::string_view name) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), name));
}
inline const OrganizationId kTownship = Org("township");
inline const OrganizationId kHospital = Org("hospital");
inline const OrganizationId kAuthority = Org("authority");

// One replica of the event feed.
struct Replica {
  explicit Replica(mysql::Pool& pool) : sequencer(pool), feed(pool, sequencer) {}
  outbox::Sequencer sequencer;
  outbox::Feed feed;
};

class WorklistFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(ReferralMigrations())));
    ASSERT_THAT(opened, status::IsOk());
    pool_ = *std::move(opened);
    replica_ = std::make_unique<Replica>(*pool_);
    unit_ =
        std::make_unique<unit::UnitOfWork>(*pool_, &replica_->sequencer, clock_, "yilian.referral");
    store_ = std::make_unique<MysqlReferralStore>(*unit_, zone_);
    worklists_ = std::make_unique<MysqlWorklistStore>(*pool_);
    handlers_ = HandlersOn(replica_->feed);
  }

  std::unique_ptr<WorklistHandlers> HandlersOn(outbox::Feed& feed) {
    return std::make_unique<WorklistHandlers>(WorklistHandlers::Deps{
        .store = *worklists_, .feed = feed, .sealer = sealer_, .clock = clock_, .zone = zone_});
  }

  static rpc::Caller Person(OrganizationId organization,
                            policy::v1::Role role = policy::v1::ROLE_REFERRAL_COORDINATOR) {
    return {.user_id = base::Uuid::V5(organization.uuid(), "user"),
            .organization_id = organization.uuid(),
            .roles = {role}};
  }

  // From the township to the hospital, as it stands after the change of `shape`.
  using Shape = std::function<void(Referral&)>;
  Referral Make(
      State state, const Shape& shape = [](Referral&) {}) {
    Referral r;
    r.id = ReferralId(base::Uuid::V7());
    r.patient = PatientId(base::Uuid::V7());
    r.direction = Direction::kUp;
    r.channel = Channel::kStandard;
    r.setting = Setting::kOutpatient;
    r.urgency = Urgency::kRoutine;
    r.referring_organization = kTownship;
    r.receiving_organization = kHospital;
    r.summary.complaint = "胸痛";
    r.state = state;
    if (state != State::kDraft) r.submitted_at = clock_.Now();
    r.updated_at = clock_.Now();
    r.version = 1;
    shape(r);
    Write({.after = r, .events = {"ReferralCreated"}});
    return r;
  }
  void Write(const Change& change) {
    EXPECT_THAT(store_->Create<v1::Referral>(
                    test_support::WriteAs(kTownship.uuid()), [&](absl::Time) { return change; },
                    [](const std::vector<Change>&) { return v1::Referral(); }),
                status::IsOk());
  }
  void Alter(const Referral& referral, OrganizationId by, const Shape& shape) {
    EXPECT_THAT(store_->Update<v1::Referral>(
                    test_support::WriteAs(by.uuid()), referral.id, by, std::nullopt,
                    [&](const Referral& now, absl::Time) {
                      Change change{.after = now, .events = {"ReferralChangedInTest"}};
                      ++change.after.version;
                      shape(change.after);
                      return std::vector<Change>{change};
                    },
                    [](const std::vector<Change>&) { return v1::Referral(); }),
                status::IsOk());
  }
  Shape DueIn(absl::Duration time) {
    return [this, time](Referral& r) {
      r.clock_started_at = clock_.Now();
      r.due_at = clock_.Now() + time;
    };
  }
  Shape BookedIn(absl::Duration time) {
    return [this, time](Referral& r) {
      r.booking = BookingReference{.booking = BookingId(base::Uuid::V7()),
                                   .session = SessionId(base::Uuid::V7()),
                                   .starts_at = clock_.Now() + time,
                                   .seat_number = 1};
    };
  }
  Referral MakeDown(State state, std::vector<int> days) {
    return Make(state, [&](Referral& r) {
      r.direction = Direction::kDown;
      std::swap(r.referring_organization, r.receiving_organization);
      r.care_plan.emplace();
      r.care_plan->discharge_summary = "好转出院";
      for (const int day : days) {
        r.care_plan->tasks.push_back({.id = TaskId(base::Uuid::V7()),
                                      .instruction = "复查血钾",
                                      .due_date = absl::ToCivilDay(clock_.Now(), zone_) + day});
      }
    });
  }

  absl::StatusOr<v1::ListWorklistResponse> List(const rpc::Caller& caller, v1::WorklistKind kind,
                                                int size = 0, const std::string& token = "",
                                                int days_ahead = 0) {
    v1::ListWorklistRequest request;
    request.set_worklist(kind);
    request.set_days_ahead(days_ahead);
    request.mutable_page()->set_page_size(size);
    request.mutable_page()->set_page_token(token);
    const test_support::TestCall call(caller, request);
    auto response = handlers_->List(call, request);
    subjects_ = call.reads().size();
    return response;
  }
  std::vector<std::string> Ids(OrganizationId organization, v1::WorklistKind kind,
                               int days_ahead = 0) {
    const auto response = List(Person(organization), kind, 0, "", days_ahead);
    EXPECT_THAT(response, status::IsOk());
    std::vector<std::string> ids;
    for (const auto& entry : response->entries()) ids.push_back(entry.referral_id());
    return ids;
  }
  // As "TO_TRIAGE 2", for lists that are not empty.
  std::vector<std::string> Counts(const rpc::Caller& caller) {
    const v1::CountWorklistsRequest request;
    const auto response = handlers_->Count(test_support::TestCall(caller, request), request);
    EXPECT_THAT(response, status::IsOk());
    std::vector<std::string> counts;
    for (const auto& count : response->counts()) {
      if (count.entries() == 0) continue;
      counts.push_back(v1::WorklistKind_Name(count.worklist()).substr(14) + " " +
                       std::to_string(count.entries()) + (count.more() ? "+" : ""));
    }
    return counts;
  }
  template <typename T>
  std::vector<T> Rows(const std::string& sql, const mysql::Values& values,
                      const std::function<T(const mysql::Row&)>& make) {
    std::vector<T> rows;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(20),
                               [&](mysql::Session& session) {
                                 rows.clear();
                                 return session.SelectValues({"test.Rows", sql}, values,
                                                             [&](const mysql::Row& row) {
                                                               rows.push_back(make(row));
                                                               return absl::OkStatus();
                                                             });
                               }),
                status::IsOk());
    return rows;
  }

  // 10:00 on a Wednesday in Shanghai.
  base::FakeClock clock_{absl::FromUnixSeconds(1'794'967'200)};
  absl::TimeZone zone_ = absl::FixedTimeZone(8 * 3600);
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReferralStore> store_;
  std::unique_ptr<MysqlWorklistStore> worklists_;
  std::unique_ptr<WorklistHandlers> handlers_;
  size_t subjects_ = 0;
};

}  // namespace yilian::referral
