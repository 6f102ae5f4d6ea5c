#include "services/referral/app/build.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "services/referral/clients/directory_client.h"
#include "services/referral/clients/scheduling_client.h"
#include "services/referral/jobs/booking_saga.h"
#include "services/referral/jobs/clocks.h"
#include "services/referral/rpc/handlers.h"
#include "services/referral/store/mysql_referral_store.h"

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

}  // namespace

absl::StatusOr<Deadlines> DeadlinesFrom(const ReferralConfig& config) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone, ZoneFrom(config));
  ASSIGN_OR_RETURN(auto holidays, DaysFrom(config.holidays(), "holidays"));
  ASSIGN_OR_RETURN(auto extra, DaysFrom(config.extra_working_days(), "extra_working_days"));
  const Clocks& clocks = config.clocks();
  return Deadlines({.green_response = absl::Minutes(clocks.green_response_minutes()),
                    .urgent_response = absl::Minutes(clocks.urgent_response_minutes()),
                    .routine_response_days = clocks.routine_response_days(),
                    .down_acknowledgement = absl::Hours(clocks.down_acknowledgement_hours()),
                    .returned_answer_days = clocks.returned_answer_days(),
                    .outcome_letter = absl::Hours(clocks.outcome_letter_hours()),
                    .first_follow_up_days = clocks.first_follow_up_days()},
                   WorkingCalendar(zone, std::move(holidays), std::move(extra)));
}

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const ReferralConfig&>(message);
  ASSIGN_OR_RETURN(Deadlines clocks, DeadlinesFrom(config));
  ASSIGN_OR_RETURN(const absl::TimeZone zone, ZoneFrom(config));
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());

  auto* deadlines = context.Own(std::make_unique<Deadlines>(std::move(clocks)));
  auto* store = context.Own(std::make_unique<MysqlReferralStore>(context.unit_of_work(), zone));
  auto* directory =
      context.Own(std::make_unique<DirectoryClient>(context.Channel("directory"), context.clock()));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  auto* seats = context.Own(std::make_unique<SchedulingClient>(context.Channel("scheduling")));
  auto* saga = context.Own(std::make_unique<BookingSaga>(BookingSaga::Deps{
      .pool = context.pool(), .store = *store, .seats = *seats, .clock = context.clock()}));
  saga->Define(context.sagas());
  DefineTimers(context.timers(), *store, context.clock());
  context.Consume({.name = "referral.merges", .source = "directory", .types = {"PatientsMerged"}},
                  [store](mysql::Session& session, const event::v1::Event& event) {
                    return ApplyDirectoryEvent(session, event, *store);
                  });

  auto* handlers = context.Own(std::make_unique<ReferralHandlers>(
      ReferralHandlers::Deps{.store = *store,
                             .deadlines = *deadlines,
                             .receivers = *directory,
                             .relationships = *relationships,
                             .sealer = *sealer,
                             .wake_sagas = [&context] { context.sagas().Notify(); }}));
  context.Serve(Bind(*handlers));
  return absl::OkStatus();
}

service::Definition ReferralDefinition() {
  return {.name = "referral",
          .config_default = &ReferralConfig::default_instance(),
          .migrations = ReferralMigrations(),
          .build = &Build};
}

}  // namespace yilian::referral
