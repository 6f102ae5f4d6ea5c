#include "services/scheduling/testing/scheduling_desk.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <cstdlib>
#include <iostream>

#include "absl/time/clock.h"
#include "common/audit/log.h"
#include "common/idempotency/ledger.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/relationship/projection.h"
#include "common/saga/saga.h"
#include "services/scheduling/jobs/timers.h"
#include "services/scheduling/rpc/convert.h"
#include "services/scheduling/rpc/rota_plan_convert.h"
#include "services/scheduling/rpc/template_convert.h"
#include "services/scheduling/store/party_rows.h"
#include "tests/support/relate.h"

namespace yilian::scheduling {
namespace {

// A test that cannot set up its world says why and ends.
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << std::endl;
    std::abort();
  }
  return *std::move(result);
}

void SetTime(google::protobuf::Timestamp* out, absl::Time time) {
  out->set_seconds(absl::ToUnixSeconds(time));
}

// Sites mean Shanghai unless defined; National Day 2026 is a holiday of three days.
TemplateRules TestTemplateRules() {
  TemplateRules rules{
      .zone_name = "Asia/Shanghai",
      .holidays = calendar::Calendar(
          calendar::ChinaStandardTime(),
          {absl::CivilDay(2026, 10, 1), absl::CivilDay(2026, 10, 2), absl::CivilDay(2026, 10, 3)},
          {})};
  if (!absl::LoadTimeZone(rules.zone_name, &rules.zone)) std::abort();
  return rules;
}

}  // namespace

base::Uuid Named(std::string_view name) { return base::Uuid::V5(base::Uuid(), name); }

rpc::Caller Person(std::string_view organization) {
  rpc::Caller caller;
  caller.peer = "spiffe://test/client/console";
  caller.user_id = Named("user of " + std::string(organization));
  caller.organization_id = Named(organization);
  return caller;
}

rpc::Caller Service(std::string_view name) {
  rpc::Caller caller;
  caller.service = std::string(name);
  caller.peer = "spiffe://test/service/" + caller.service;
  return caller;
}

std::vector<mysql::Migration> SchedulingDesk::Migrations() {
  std::vector<mysql::Migration> all;
  for (const auto* part :
       {&outbox::kMigrations, &audit::kMigrations, &idempotency::kMigrations, &saga::kMigrations,
        &relationship::kMigrations, &SchedulingMigrations()}) {
    all.insert(all.end(), part->begin(), part->end());
  }
  return all;
}

SchedulingDesk::SchedulingDesk(mysql::PoolOptions options, absl::Time now, const Rules& rules)
    : clock_(now),
      pool_(Must(mysql::Pool::Open(std::move(options)))),
      unit_of_work_(
          std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.scheduling")),
      sealer_(std::make_unique<crypto::Sealer>(crypto::KeyRing::Ephemeral())),
      upkeep_(std::make_unique<Upkeep>(convert::StoreEncoding(), "spiffe://test/service/scheduling",
                                       WaitListRules{.limits = rules.limits})),
      sessions_(std::make_unique<MysqlSessionStore>(
          *unit_of_work_, patients_, convert::StoreEncoding(), rules, TestTemplateRules())),
      bookings_(std::make_unique<MysqlBookingStore>(*unit_of_work_, patients_, *upkeep_, rules)),
      // Nobody answers there: what the projection does not know, nobody knows.
      relationships_(std::make_unique<relationship::Check>(
          *pool_, grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()), clock_)),
      handlers_(std::make_unique<SchedulingHandlers>(
          SchedulingHandlers::Deps{*sessions_, *bookings_, *relationships_, *sealer_, rules})),
      template_upkeep_(std::make_unique<TemplateUpkeep>(
          ReplanParts{.encoding = convert::StoreEncoding(),
                      .templates = convert::TemplateStoreEncoding(),
                      .rules = rules,
                      .template_rules = TestTemplateRules()})),
      templates_(std::make_unique<MysqlTemplateStore>(*unit_of_work_, *template_upkeep_)),
      availability_(std::make_unique<MysqlAvailabilityStore>(*unit_of_work_, *template_upkeep_)),
      template_handlers_(std::make_unique<TemplateHandlers>(
          TemplateHandlers::Deps{*templates_, *availability_, *sealer_})),
      wait_list_(std::make_unique<MysqlWaitListStore>(*unit_of_work_, patients_, *upkeep_)),
      wait_list_handlers_(std::make_unique<WaitListHandlers>(
          WaitListHandlers::Deps{*wait_list_, *relationships_, *sealer_})),
      cancellations_(std::make_unique<MysqlCancellationStore>(
          *unit_of_work_, [](const auto& one) { return convert::ToProto(one); })),
      cancellation_handlers_(
          std::make_unique<CancellationHandlers>(CancellationHandlers::Deps{*cancellations_})),
      series_(std::make_unique<MysqlSeriesStore>(*unit_of_work_, patients_, *upkeep_, rules,
                                                 TestTemplateRules().zone)),
      series_handlers_(
          std::make_unique<SeriesHandlers>(SeriesHandlers::Deps{*series_, *relationships_})),
      rotas_(std::make_unique<MysqlRotaStore>(*unit_of_work_, convert::RotaStoreEncoding(),
                                              template_upkeep_->parts())),
      rota_handlers_(std::make_unique<RotaHandlers>(RotaHandlers::Deps{*rotas_, *sealer_})),
      digests_(std::make_unique<crypto::BlindIndex>(crypto::SecretBytes("digests of this test"))),
      calendars_(std::make_unique<MysqlCalendarStore>(
          *unit_of_work_, *digests_, [](const CalendarLink& one) { return convert::ToProto(one); },
          CalendarRules{.region = "test"})),
      calendar_handlers_(std::make_unique<CalendarHandlers>(
          CalendarHandlers::Deps{*calendars_, *sealer_, clock_, CalendarRules{.region = "test"}})),
      travel_(std::make_unique<MysqlTravelStore>(
          *unit_of_work_, [](const TravelTime& one) { return convert::ToProto(one); },
          rules.travel)),
      travel_handlers_(std::make_unique<TravelHandlers>(*travel_)),
      walk_in_handlers_(std::make_unique<WalkInHandlers>(
          WalkInHandlers::Deps{*bookings_, *relationships_, rules})),
      timers_(std::make_unique<saga::TimerRunner>(*pool_, clock_)),
      fitted_offers_(
          std::make_unique<FittedOffers>(FittedOffers::Deps{*pool_, patients_, *upkeep_, clock_})),
      sagas_(std::make_unique<saga::Runner>(*pool_, clock_, saga::Runner::Options())) {
  DefineTimers(*timers_, *upkeep_, *template_upkeep_, clock_);
  fitted_offers_->Define(*sagas_);
}

void SchedulingDesk::Register(std::string_view organization, Tier tier,
                              std::string_view consortium) {
  const absl::Status saved = mysql::RunTransaction(
      *pool_, {.name = "test.Register", .deadline = absl::Now() + absl::Seconds(30)},
      [&](mysql::Session& sql) {
        return SaveOrganization(
            sql, {OrganizationId(Named(organization)), tier, OrganizationId(Named(consortium))},
            clock_.Now());
      });
  Must(saved.ok() ? absl::StatusOr<int>(0) : saved);
}

void SchedulingDesk::Contract(std::string_view patient, std::string_view organization) {
  const absl::Status saved =
      test_support::Relate(*pool_, Named(patient), Named(organization), clock_.Now());
  Must(saved.ok() ? absl::StatusOr<int>(0) : saved);
}

v1::CreateSessionRequest SchedulingDesk::Offer(int seats, absl::Duration ahead) const {
  v1::CreateSessionRequest request;
  request.set_organization_id(Named("hospital").ToString());
  request.set_department_id(Named("cardiology").ToString());
  request.set_specialty("CARDIOLOGY");
  request.set_kind(v1::SESSION_KIND_OUTPATIENT);
  request.set_seats(seats);
  SetTime(request.mutable_time()->mutable_start(), clock_.Now() + ahead);
  SetTime(request.mutable_time()->mutable_end(), clock_.Now() + ahead + absl::Hours(4));
  return request;
}

v1::Session SchedulingDesk::Create(const v1::CreateSessionRequest& request) {
  return Must(Ask(Service("ctl"), &SchedulingHandlers::CreateSession, request));
}

v1::HoldSeatRequest SchedulingDesk::Wish(const v1::Session& session, std::string_view patient,
                                         std::string_view organization) const {
  v1::HoldSeatRequest request;
  request.set_session_id(session.session_id());
  request.set_patient_id(Named(patient).ToString());
  request.set_organization_id(Named(organization).ToString());
  return request;
}

absl::StatusOr<v1::Booking> SchedulingDesk::Hold(const v1::HoldSeatRequest& request) {
  return Ask(Service("referral"), &SchedulingHandlers::HoldSeat, request);
}

absl::StatusOr<v1::Booking> SchedulingDesk::HoldArrived(const v1::HoldSeatRequest& request,
                                                        std::chrono::steady_clock::time_point at) {
  v1::HoldSeatRequest own = request;
  if (own.request_id().empty()) own.set_request_id(base::Uuid::V7().ToString());
  const test_support::TestCall call(Service("referral"), own, {.arrived_at = at});
  return handlers_->HoldSeat(call, own);
}

absl::StatusOr<v1::Booking> SchedulingDesk::Book(const v1::Booking& held) {
  v1::BookSeatRequest request;
  request.set_booking_id(held.booking_id());
  request.set_hold_token(held.hold_token());
  return Ask(Service("referral"), &SchedulingHandlers::BookSeat, request);
}

int SchedulingDesk::RunTimers() {
  int fired = 0;
  for (;;) {
    const int now = Must(timers_->RunDue()) + Must(sagas_->RunDue());
    if (now == 0) return fired;
    fired += now;
  }
}

std::unique_ptr<RotaPlanner> SchedulingDesk::NewRotaPlanner(const RotaPlanner::Options& options) {
  return std::make_unique<RotaPlanner>(
      RotaPlanner::Deps{.pool = *pool_,
                        .clock = clock_,
                        .encoding = convert::RotaStoreEncoding(),
                        .rules = template_upkeep_->parts().template_rules,
                        .planned = nullptr},
      options);
}

std::string SchedulingDesk::Read(const std::string& sql) {
  // What the trail has not linked yet belongs to it all the same.
  Must(audit::LinkAll(*pool_));
  std::string text;
  const absl::Status read =
      mysql::RunRead(*pool_, absl::Now() + absl::Seconds(30), [&](mysql::Session& session) {
        text.clear();
        return session.SelectValues({"test.Read", sql}, {}, [&](const mysql::Row& row) {
          if (text.empty()) text = row.Text(0);
          return absl::OkStatus();
        });
      });
  Must(read.ok() ? absl::StatusOr<int>(0) : read);
  return text;
}

}  // namespace yilian::scheduling
