#include "services/scheduling/app/build.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/crypto/field_cipher.h"
#include "common/observe/log.h"
#include "common/relationship/check.h"
#include "services/scheduling/clients/patient_client.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/jobs/directory_names.h"
#include "services/scheduling/jobs/fitted_offers.h"
#include "services/scheduling/jobs/rota_planner.h"
#include "services/scheduling/jobs/timers.h"
#include "services/scheduling/rpc/calendar_handlers.h"
#include "services/scheduling/rpc/cancellation_handlers.h"
#include "services/scheduling/rpc/convert.h"
#include "services/scheduling/rpc/handlers.h"
#include "services/scheduling/rpc/rota_handlers.h"
#include "services/scheduling/rpc/rota_plan_convert.h"
#include "services/scheduling/rpc/series_handlers.h"
#include "services/scheduling/rpc/template_convert.h"
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

namespace yilian::scheduling {

namespace {

Limits LimitsOf(const SchedulingConfig& config) {
  Limits limits{.bookings_a_day = config.limits().bookings_a_day(),
                .no_shows = config.limits().no_shows(),
                .no_show_period = absl::Hours(24) * config.limits().no_show_days()};
  // CheckConfig and Build refuse a zone that is none.
  absl::LoadTimeZone(config.templates().time_zone(), &limits.zone);
  return limits;
}

}  // namespace

Rules RulesOf(const SchedulingConfig& config) {
  return {
      .reserved_percent = config.reserves().reserved_percent(),
      .expert_reserved_percent = config.reserves().expert_reserved_percent(),
      .green_seats = config.reserves().green_seats(),
      .organization_release = absl::Hours(config.reserves().organization_release_hours()),
      .open_release = absl::Hours(config.reserves().open_release_hours()),
      .hold = absl::Seconds(config.holds().default_seconds()),
      .longest_hold = absl::Seconds(config.holds().longest_seconds()),
      .limits = LimitsOf(config),
      .travel = {.default_time = absl::Minutes(config.travel().default_minutes()),
                 .kilometres_an_hour = config.travel().kilometres_an_hour()},
  };
}

WaitListRules WaitListRulesOf(const SchedulingConfig& config) {
  return {.offer = absl::Minutes(config.wait_list().offer_minutes()),
          .reoffer = absl::Minutes(config.wait_list().reoffer_minutes()),
          .passed_offers = config.wait_list().passed_offers(),
          .limits = LimitsOf(config)};
}

absl::StatusOr<TemplateRules> TemplateRulesOf(const SchedulingConfig& config) {
  const Templates& templates = config.templates();
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(templates.time_zone(), &zone)) {
    return absl::InvalidArgumentError(fmt::format(
        "templates.time_zone: {} is no IANA time zone, e.g. Asia/Shanghai", templates.time_zone()));
  }
  const PublicHolidays& given = templates.public_holidays();
  calendar::Days days_off;
  for (const std::string& text : given.days_off()) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(text, &day)) {
      return absl::InvalidArgumentError(
          fmt::format("templates.public_holidays.days_off: {} is no date, e.g. 2026-10-01", text));
    }
    days_off.insert(day);
  }
  calendar::Calendar holidays(zone, {}, {});
  if (!given.files().empty()) {
    ASSIGN_OR_RETURN(holidays, calendar::Calendar::Load(
                                   {given.files().begin(), given.files().end()}, {.zone = zone}));
  }
  absl::StatusOr<calendar::Calendar> region = holidays.With(days_off, {});
  if (!region.ok()) {
    return absl::InvalidArgumentError(fmt::format("templates.public_holidays.days_off: {}",
                                                  std::string(region.status().message())));
  }
  return TemplateRules{.horizon_days = templates.horizon_days(),
                       .zone_name = templates.time_zone(),
                       .zone = zone,
                       .holidays = *std::move(region)};
}

namespace {

absl::Status CheckAhead(const SchedulingConfig& config, const TemplateRules& rules,
                        absl::Time now) {
  if (config.templates().public_holidays().files().empty()) {
    return absl::FailedPreconditionError(
        "templates.public_holidays.files: names no file; required: the years of the next sessions. "
        "Until then templates run on every public holiday");
  }
  absl::Status ahead = rules.holidays.CheckAhead(now, rules.horizon_days);
  if (ahead.ok()) return ahead;
  return absl::FailedPreconditionError(
      fmt::format("templates.public_holidays.files: {}", std::string(ahead.message())));
}

}  // namespace

absl::Status CheckConfig(const google::protobuf::Message& message) {
  const auto& config = static_cast<const SchedulingConfig&>(message);
  ASSIGN_OR_RETURN(const TemplateRules rules, TemplateRulesOf(config));
  const absl::Time now = absl::Now();
  absl::Status ahead = CheckAhead(config, rules, now);
  const absl::CivilDay today = rules.holidays.DayOf(now);
  const bool known = !config.templates().public_holidays().files().empty() &&
                     rules.holidays.Covers({today, today});
  if (ahead.ok() || !known) return ahead;
  // The notice of a year may come late, and is nobody's fault here.
  observe::Log(observe::Level::kWarn, std::string(ahead.message()));
  return absl::OkStatus();
}

namespace {

// Serves rotas and begins to plan those that wait.
void BuildRotas(service::Context& context, const SchedulingConfig& config,
                const crypto::Sealer& sealer, const ReplanParts& parts) {
  auto* rotas = context.Own(std::make_unique<MysqlRotaStore>(context.unit_of_work(),
                                                             convert::RotaStoreEncoding(), parts));
  context.Serve(Bind(*context.Own(
      std::make_unique<RotaHandlers>(RotaHandlers::Deps{.rotas = *rotas, .sealer = sealer}))));
  outbox::Sequencer& sequencer = context.sequencer();
  auto* planner = context.Own(std::make_unique<RotaPlanner>(
      RotaPlanner::Deps{.pool = context.pool(),
                        .clock = context.clock(),
                        .encoding = convert::RotaStoreEncoding(),
                        .rules = parts.template_rules,
                        .planned = [&sequencer] { sequencer.Notify(); }},
      RotaPlanner::Options{.time_limit = absl::Seconds(config.rotas().planning_seconds())}));
  planner->Run();
}

absl::Status ServeCalendars(service::Context& context, const SchedulingConfig& config,
                            const crypto::Sealer& sealer) {
  ASSIGN_OR_RETURN(std::unique_ptr<crypto::BlindIndex> opened,
                   crypto::BlindIndex::Open(context.config().field_keys_folder()));
  const CalendarRules rules{.region = context.config().region(),
                            .horizon_days = config.templates().horizon_days(),
                            .link_life = absl::Hours(24) * config.calendars().link_days(),
                            .links_each = config.calendars().links_each()};
  auto* digests = context.Own(std::move(opened));
  auto* calendars = context.Own(std::make_unique<MysqlCalendarStore>(
      context.unit_of_work(), *digests,
      [](const CalendarLink& one) { return convert::ToProto(one); }, rules));
  context.Serve(Bind(*context.Own(std::make_unique<CalendarHandlers>(CalendarHandlers::Deps{
      .calendars = *calendars, .sealer = sealer, .clock = context.clock(), .rules = rules}))));
  const base::Clock& clock = context.clock();
  context.Consume(
      {.name = "scheduling.names", .source = "directory", .types = DirectoryNameTypes()},
      [&clock](mysql::Session& sql, const event::v1::Event& event) {
        return ApplyDirectoryName(sql, event, clock.Now());
      });
  return absl::OkStatus();
}

}  // namespace

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const SchedulingConfig&>(message);
  const Rules rules = RulesOf(config);
  ASSIGN_OR_RETURN(TemplateRules template_rules, TemplateRulesOf(config));
  if (const absl::Status ahead = CheckAhead(config, template_rules, context.clock().Now());
      !ahead.ok()) {
    observe::Log(observe::Level::kWarn, std::string(ahead.message()));
  }
  const absl::TimeZone zone = template_rules.zone;
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  const std::string peer = fmt::format("spiffe://{}/service/scheduling", context.config().region());
  auto* upkeep = context.Own(
      std::make_unique<Upkeep>(convert::StoreEncoding(), peer, WaitListRulesOf(config)));
  auto* patients = context.Own(std::make_unique<PatientClient>(context.Channel("directory")));
  auto* sessions = context.Own(std::make_unique<MysqlSessionStore>(
      context.unit_of_work(), *patients, convert::StoreEncoding(), rules, template_rules));
  auto* bookings = context.Own(
      std::make_unique<MysqlBookingStore>(context.unit_of_work(), *patients, *upkeep, rules));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  auto* handlers = context.Own(
      std::make_unique<SchedulingHandlers>(SchedulingHandlers::Deps{.sessions = *sessions,
                                                                    .bookings = *bookings,
                                                                    .relationships = *relationships,
                                                                    .sealer = *sealer,
                                                                    .rules = rules}));
  context.Serve(Bind(*handlers));
  context.Serve(Bind(*context.Own(std::make_unique<WalkInHandlers>(WalkInHandlers::Deps{
      .bookings = *bookings, .relationships = *relationships, .rules = rules}))));
  auto* template_upkeep = context.Own(
      std::make_unique<TemplateUpkeep>(ReplanParts{.encoding = convert::StoreEncoding(),
                                                   .templates = convert::TemplateStoreEncoding(),
                                                   .rules = rules,
                                                   .template_rules = std::move(template_rules)}));
  auto* templates =
      context.Own(std::make_unique<MysqlTemplateStore>(context.unit_of_work(), *template_upkeep));
  auto* availability = context.Own(
      std::make_unique<MysqlAvailabilityStore>(context.unit_of_work(), *template_upkeep));
  context.Serve(Bind(*context.Own(std::make_unique<TemplateHandlers>(TemplateHandlers::Deps{
      .templates = *templates, .availability = *availability, .sealer = *sealer}))));
  auto* series = context.Own(
      std::make_unique<MysqlSeriesStore>(context.unit_of_work(), *patients, *upkeep, rules, zone));
  context.Serve(Bind(*context.Own(std::make_unique<SeriesHandlers>(
      SeriesHandlers::Deps{.series = *series, .relationships = *relationships}))));
  auto* cancellations = context.Own(std::make_unique<MysqlCancellationStore>(
      context.unit_of_work(),
      [](const SessionCancellation& one) { return convert::ToProto(one); }));
  context.Serve(Bind(*context.Own(std::make_unique<CancellationHandlers>(
      CancellationHandlers::Deps{.cancellations = *cancellations}))));
  auto* wait_list =
      context.Own(std::make_unique<MysqlWaitListStore>(context.unit_of_work(), *patients, *upkeep));
  context.Serve(Bind(*context.Own(std::make_unique<WaitListHandlers>(WaitListHandlers::Deps{
      .list = *wait_list, .relationships = *relationships, .sealer = *sealer}))));

  BuildRotas(context, config, *sealer, template_upkeep->parts());
  RETURN_IF_ERROR(ServeCalendars(context, config, *sealer));
  auto* travel = context.Own(std::make_unique<MysqlTravelStore>(
      context.unit_of_work(), [](const TravelTime& one) { return convert::ToProto(one); },
      rules.travel));
  context.Serve(Bind(*context.Own(std::make_unique<TravelHandlers>(*travel))));
  const base::Clock& clock = context.clock();
  DefineTimers(context.timers(), *upkeep, *template_upkeep, clock);
  context
      .Own(std::make_unique<FittedOffers>(FittedOffers::Deps{
          .pool = context.pool(), .patients = *patients, .upkeep = *upkeep, .clock = clock}))
      ->Define(context.sagas());
  context.Consume(
      {.name = "scheduling.directory", .source = "directory", .types = DirectoryEventTypes()},
      [upkeep, &clock](mysql::Session& sql, const event::v1::Event& event) {
        return ApplyDirectoryEvent(sql, event, *upkeep, clock.Now());
      });
  return absl::OkStatus();
}

}  // namespace yilian::scheduling
