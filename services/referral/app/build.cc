#include "services/referral/app/build.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "common/relationship/consents.h"
#include "common/relationship/merges.h"
#include "services/referral/app/blob_stores.h"
#include "services/referral/app/build_advice.h"
#include "services/referral/app/build_statistics.h"
#include "services/referral/clients/catalog_client.h"
#include "services/referral/clients/consultation_client.h"
#include "services/referral/clients/directory_client.h"
#include "services/referral/clients/lab_client.h"
#include "services/referral/clients/organization_client.h"
#include "services/referral/clients/scheduling_client.h"
#include "services/referral/jobs/booking_saga.h"
#include "services/referral/jobs/clocks.h"
#include "services/referral/jobs/consents.h"
#include "services/referral/jobs/seat_events.h"
#include "services/referral/rpc/handlers.h"
#include "services/referral/rpc/worklist_handlers.h"
#include "services/referral/store/mysql_attachment_count.h"
#include "services/referral/store/mysql_referral_store.h"
#include "services/referral/store/worklist_store.h"

namespace yilian::referral {
namespace {

absl::StatusOr<absl::TimeZone> ZoneFrom(const ReferralConfig& config) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(config.time_zone(), &zone)) {
    return absl::InvalidArgumentError(
        fmt::format("time_zone: {} is no IANA time zone, e.g. Asia/Shanghai", config.time_zone()));
  }
  return zone;
}

template <typename Dates>
absl::StatusOr<absl::flat_hash_set<absl::CivilDay>> DaysFrom(const Dates& dates,
                                                             std::string_view key) {
  absl::flat_hash_set<absl::CivilDay> days;
  for (const std::string& text : dates) {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(text, &day)) {
      return absl::InvalidArgumentError(
          fmt::format("{}: {} is no date, e.g. 2026-10-01", key, text));
    }
    days.insert(day);
  }
  return days;
}

// A clock that counts a holiday as worked is wrong by days; one that stops is worse.
void WarnUncovered(absl::CivilDay day) {
  observe::Log(observe::Level::kWarn,
               "working_days.files do not cover this year: only weekends count as days off",
               {{"year", day.year()}});
}

absl::StatusOr<WorkingCalendar> CalendarFrom(const ReferralConfig& config) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone, ZoneFrom(config));
  ASSIGN_OR_RETURN(const auto holidays, DaysFrom(config.holidays(), "holidays"));
  ASSIGN_OR_RETURN(const auto extra, DaysFrom(config.extra_working_days(), "extra_working_days"));
  WorkingCalendar nation(zone, {}, {});
  const auto& files = config.working_days().files();
  if (!files.empty()) {
    ASSIGN_OR_RETURN(nation, WorkingCalendar::Load({files.begin(), files.end()},
                                                   {.zone = zone, .on_uncovered = &WarnUncovered}));
  }
  absl::StatusOr<WorkingCalendar> region = nation.With(holidays, extra);
  if (region.ok()) return region;
  return absl::InvalidArgumentError(
      fmt::format("holidays, extra_working_days: {}", std::string(region.status().message())));
}

absl::Status CheckAhead(const ReferralConfig& config, const WorkingCalendar& calendar,
                        absl::Time now) {
  if (config.working_days().files().empty()) {
    return absl::FailedPreconditionError(
        "working_days.files: names no file; required: the years of the next deadlines. Until then "
        "only weekends count as days off");
  }
  absl::Status ahead = calendar.CheckAhead(now, config.working_days().required_days_ahead());
  if (ahead.ok()) return ahead;
  return absl::FailedPreconditionError(
      fmt::format("working_days.files: {}", std::string(ahead.message())));
}

}  // namespace

absl::StatusOr<std::string> CheckConfigAt(const ReferralConfig& config, absl::Time now) {
  RETURN_IF_ERROR(CheckBlobStore(config.attachments()));
  ASSIGN_OR_RETURN(const WorkingCalendar calendar, CalendarFrom(config));
  absl::Status ahead = CheckAhead(config, calendar, now);
  const absl::CivilDay today = calendar.DayOf(now);
  const bool known = !config.working_days().files().empty() && calendar.Covers({today, today});
  if (!ahead.ok() && !known) return ahead;
  return std::string(ahead.message());
}

absl::Status CheckConfig(const google::protobuf::Message& message) {
  ASSIGN_OR_RETURN(const std::string warning,
                   CheckConfigAt(static_cast<const ReferralConfig&>(message), absl::Now()));
  if (!warning.empty()) observe::Log(observe::Level::kWarn, warning);
  return absl::OkStatus();
}

absl::StatusOr<Deadlines> DeadlinesFrom(const ReferralConfig& config) {
  ASSIGN_OR_RETURN(WorkingCalendar calendar, CalendarFrom(config));
  const Clocks& clocks = config.clocks();
  return Deadlines({.green_response = absl::Minutes(clocks.green_response_minutes()),
                    .urgent_response = absl::Minutes(clocks.urgent_response_minutes()),
                    .routine_response_days = clocks.routine_response_days(),
                    .down_acknowledgement = absl::Hours(clocks.down_acknowledgement_hours()),
                    .returned_answer_days = clocks.returned_answer_days(),
                    .outcome_letter = absl::Hours(clocks.outcome_letter_hours()),
                    .first_follow_up_days = clocks.first_follow_up_days(),
                    .cancellation_answer = absl::Minutes(clocks.cancellation_answer_minutes())},
                   std::move(calendar));
}

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const ReferralConfig&>(message);
  ASSIGN_OR_RETURN(Deadlines clocks, DeadlinesFrom(config));
  if (const absl::Status ahead = CheckAhead(config, clocks.calendar(), context.clock().Now());
      !ahead.ok()) {
    observe::Log(observe::Level::kWarn, std::string(ahead.message()));
  }
  ASSIGN_OR_RETURN(const absl::TimeZone zone, ZoneFrom(config));
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());

  auto* deadlines = context.Own(std::make_unique<Deadlines>(std::move(clocks)));
  auto* store = context.Own(std::make_unique<MysqlReferralStore>(context.unit_of_work(), zone));
  auto* directory =
      context.Own(std::make_unique<DirectoryClient>(context.Channel("directory"), context.clock()));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  auto* organizations = context.Own(
      std::make_unique<OrganizationClient>(context.Channel("directory"), context.clock()));
  auto* required_items =
      context.Own(std::make_unique<CatalogClient>(context.Channel("directory"), context.clock()));
  auto* attachment_count = context.Own(std::make_unique<MysqlAttachmentCount>(context.pool()));
  auto* opinions =
      context.Own(std::make_unique<ConsultationClient>(context.Channel("consultation")));
  auto* reports = context.Own(std::make_unique<LabClient>(context.Channel("lab")));
  auto* seats = context.Own(std::make_unique<SchedulingClient>(context.Channel("scheduling")));
  auto* saga = context.Own(std::make_unique<BookingSaga>(BookingSaga::Deps{
      .pool = context.pool(), .store = *store, .seats = *seats, .clock = context.clock()}));
  saga->Define(context.sagas());
  DefineTimers(context.timers(), *store, *deadlines, context.clock());
  context.Consume(
      {.name = "referral.merges", .source = "directory", .types = relationship::MergeEventTypes()},
      [store](mysql::Session& session, const event::v1::Event& event) {
        return ApplyDirectoryEvent(session, event, *store);
      });

  context.Consume({.name = "referral.consents",
                   .source = "directory",
                   .types = relationship::ConsentEventTypes()},
                  [store, &context](mysql::Session& session, const event::v1::Event& event) {
                    return ApplyConsentEvent(session, event, *store, context.clock().Now());
                  });
  context.Consume({.name = "referral.seats", .source = "scheduling", .types = SeatEventTypes()},
                  [store, &context](mysql::Session& session, const event::v1::Event& event) {
                    return ApplySeatEvent(session, event, *store, context.clock().Now());
                  });
  context.Consume({.name = "referral.organizations",
                   .source = "directory",
                   .types = {"OrganizationRegistered"}},
                  [store](mysql::Session& session, const event::v1::Event& event) {
                    return ApplyDirectoryEvent(session, event, *store);
                  });

  auto* handlers = context.Own(std::make_unique<ReferralHandlers>(
      ReferralHandlers::Deps{.store = *store,
                             .deadlines = *deadlines,
                             .receivers = *directory,
                             .organizations = *organizations,
                             .opinions = *opinions,
                             .cited_reports = *reports,
                             .required_items = *required_items,
                             .attachments = *attachment_count,
                             .relationships = *relationships,
                             .sealer = *sealer,
                             .wake_sagas = [&context] { context.sagas().Notify(); },
                             .across_consortia = config.refer_across_consortia()}));
  context.Serve(Bind(*handlers));
  auto* worklists = context.Own(std::make_unique<MysqlWorklistStore>(context.pool()));
  context.Serve(Bind(*context.Own(
      std::make_unique<WorklistHandlers>(WorklistHandlers::Deps{.store = *worklists,
                                                                .feed = context.feed(),
                                                                .sealer = *sealer,
                                                                .clock = context.clock(),
                                                                .zone = zone}))));
  RETURN_IF_ERROR(BuildAdvice(context, config,
                              {.referrals = *store,
                               .deadlines = *deadlines,
                               .receivers = *directory,
                               .organizations = *organizations,
                               .relationships = *relationships,
                               .sealer = *sealer}));
  RETURN_IF_ERROR(BuildStatistics(context, *store));
  return absl::OkStatus();
}

service::Definition ReferralDefinition() {
  return {.name = "referral",
          .config_default = &ReferralConfig::default_instance(),
          .migrations = ReferralMigrations(),
          .build = &Build,
          .check_config = &CheckConfig};
}

}  // namespace yilian::referral
