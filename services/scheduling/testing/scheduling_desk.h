// A whole scheduling service on a schema of its own, without the network: for tests.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/field_cipher.h"
#include "common/crypto/sealed.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/relationship/check.h"
#include "common/saga/timer.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/types.h"
#include "services/scheduling/jobs/fitted_offers.h"
#include "services/scheduling/jobs/rota_planner.h"
#include "services/scheduling/rpc/calendar_handlers.h"
#include "services/scheduling/rpc/cancellation_handlers.h"
#include "services/scheduling/rpc/handlers.h"
#include "services/scheduling/rpc/rota_handlers.h"
#include "services/scheduling/rpc/series_handlers.h"
#include "services/scheduling/rpc/template_handlers.h"
#include "services/scheduling/rpc/travel_handlers.h"
#include "services/scheduling/rpc/wait_list_handlers.h"
#include "services/scheduling/rpc/walk_in_handlers.h"
#include "services/scheduling/store/mysql_availability_store.h"
#include "services/scheduling/store/mysql_booking_store.h"
#include "services/scheduling/store/mysql_calendar_store.h"
#include "services/scheduling/store/mysql_cancellation_store.h"
#include "services/scheduling/store/mysql_rota_store.h"
#include "services/scheduling/store/mysql_series_store.h"
#include "services/scheduling/store/mysql_session_store.h"
#include "services/scheduling/store/mysql_template_store.h"
#include "services/scheduling/store/mysql_travel_store.h"
#include "services/scheduling/store/mysql_wait_list_store.h"
#include "services/scheduling/store/template_upkeep.h"
#include "services/scheduling/store/upkeep.h"
#include "services/scheduling/testing/known_patients.h"
#include "tests/support/test_call.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

// An id that is the same in every run.
base::Uuid Named(std::string_view name);

rpc::Caller Person(std::string_view organization);
rpc::Caller Service(std::string_view name);

// Its clock stands until it is moved; its timers fire when RunTimers is called. Thread-safe but for
// the clock's moves.
class SchedulingDesk {
 public:
  static std::vector<mysql::Migration> Migrations();
  // `options`: a schema with Migrations() applied.
  explicit SchedulingDesk(mysql::PoolOptions options, absl::Time now, const Rules& rules = {});

  // Calls as `caller`, within `patience`; a request without a request_id gets a fresh one.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      const rpc::Caller& caller,
      absl::StatusOr<Response> (SchedulingHandlers::*handler)(const rpc::Call&, const Request&),
      Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*handlers_, handler, caller, std::move(request), patience);
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      const rpc::Caller& caller,
      absl::StatusOr<Response> (TemplateHandlers::*handler)(const rpc::Call&, const Request&),
      Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*template_handlers_, handler, caller, std::move(request), patience);
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      const rpc::Caller& caller,
      absl::StatusOr<Response> (WaitListHandlers::*handler)(const rpc::Call&, const Request&),
      Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*wait_list_handlers_, handler, caller, std::move(request), patience);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      const rpc::Caller& caller,
      absl::StatusOr<Response> (CancellationHandlers::*handler)(const rpc::Call&, const Request&),
      Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*cancellation_handlers_, handler, caller, std::move(request), patience);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(const rpc::Caller& caller,
                               absl::StatusOr<Response> (SeriesHandlers::*handler)(const rpc::Call&,
                                                                                   const Request&),
                               Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*series_handlers_, handler, caller, std::move(request), patience);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(const rpc::Caller& caller,
                               absl::StatusOr<Response> (RotaHandlers::*handler)(const rpc::Call&,
                                                                                 const Request&),
                               Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*rota_handlers_, handler, caller, std::move(request), patience);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      const rpc::Caller& caller,
      absl::StatusOr<Response> (CalendarHandlers::*handler)(const rpc::Call&, const Request&),
      Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*calendar_handlers_, handler, caller, std::move(request), patience);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(const rpc::Caller& caller,
                               absl::StatusOr<Response> (TravelHandlers::*handler)(const rpc::Call&,
                                                                                   const Request&),
                               Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*travel_handlers_, handler, caller, std::move(request), patience);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(const rpc::Caller& caller,
                               absl::StatusOr<Response> (WalkInHandlers::*handler)(const rpc::Call&,
                                                                                   const Request&),
                               Request request, absl::Duration patience = absl::Seconds(60)) {
    return Ask(*walk_in_handlers_, handler, caller, std::move(request), patience);
  }

  void Register(std::string_view organization, Tier tier, std::string_view consortium);
  // The organization cares for the patient from now on.
  void Contract(std::string_view patient, std::string_view organization);
  // In a week unless said otherwise, four hours, without an expert.
  v1::CreateSessionRequest Offer(int seats, absl::Duration ahead = absl::Hours(24) * 7) const;
  v1::Session Create(const v1::CreateSessionRequest& request);
  v1::HoldSeatRequest Wish(const v1::Session& session, std::string_view patient,
                           std::string_view organization) const;
  absl::StatusOr<v1::Booking> Hold(const v1::HoldSeatRequest& request);
  // Of a call that had arrived then, and waited for its turn.
  absl::StatusOr<v1::Booking> HoldArrived(const v1::HoldSeatRequest& request,
                                          std::chrono::steady_clock::time_point at);
  absl::StatusOr<v1::Booking> Book(const v1::Booking& held);
  // Fires every timer and runs every saga that is due; returns how many.
  int RunTimers();

  // A planner of rotas, which plans when it is told to.
  std::unique_ptr<RotaPlanner> NewRotaPlanner(const RotaPlanner::Options& options = {});

  // Text of the first column of the first row of a query; "" when there is none.
  std::string Read(const std::string& sql);

  base::FakeClock& clock() { return clock_; }
  KnownPatients& patients() { return patients_; }
  mysql::Pool& pool() { return *pool_; }
  const Upkeep& upkeep() const { return *upkeep_; }

  const TemplateUpkeep& template_upkeep() const { return *template_upkeep_; }

 private:
  template <typename Handlers, typename Handler, typename Request>
  auto Ask(Handlers& handlers, Handler handler, const rpc::Caller& caller, Request request,
           absl::Duration patience) {
    if constexpr (requires { request.request_id(); }) {
      if (request.request_id().empty()) request.set_request_id(base::Uuid::V7().ToString());
    }
    const test_support::TestCall call(caller, request, {.deadline = absl::Now() + patience});
    return (handlers.*handler)(call, request);
  }

  base::FakeClock clock_;
  KnownPatients patients_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_of_work_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<Upkeep> upkeep_;
  std::unique_ptr<MysqlSessionStore> sessions_;
  std::unique_ptr<MysqlBookingStore> bookings_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<SchedulingHandlers> handlers_;
  std::unique_ptr<TemplateUpkeep> template_upkeep_;
  std::unique_ptr<MysqlTemplateStore> templates_;
  std::unique_ptr<MysqlAvailabilityStore> availability_;
  std::unique_ptr<TemplateHandlers> template_handlers_;
  std::unique_ptr<MysqlWaitListStore> wait_list_;
  std::unique_ptr<WaitListHandlers> wait_list_handlers_;
  std::unique_ptr<MysqlCancellationStore> cancellations_;
  std::unique_ptr<CancellationHandlers> cancellation_handlers_;
  std::unique_ptr<MysqlSeriesStore> series_;
  std::unique_ptr<SeriesHandlers> series_handlers_;
  std::unique_ptr<MysqlRotaStore> rotas_;
  std::unique_ptr<RotaHandlers> rota_handlers_;
  std::unique_ptr<crypto::BlindIndex> digests_;
  std::unique_ptr<MysqlCalendarStore> calendars_;
  std::unique_ptr<CalendarHandlers> calendar_handlers_;
  std::unique_ptr<MysqlTravelStore> travel_;
  std::unique_ptr<TravelHandlers> travel_handlers_;
  std::unique_ptr<WalkInHandlers> walk_in_handlers_;
  std::unique_ptr<saga::TimerRunner> timers_;
  std::unique_ptr<FittedOffers> fitted_offers_;
  std::unique_ptr<saga::Runner> sagas_;
};

}  // namespace yilian::scheduling
