#include "services/lab/app/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/relationship/merges.h"
#include "services/lab/app/config.pb.h"
#include "services/lab/domain/decimal.h"
#include "services/lab/domain/ucum.h"
#include "services/lab/jobs/jobs.h"
#include "services/lab/rpc/critical_handlers.h"
#include "services/lab/rpc/handlers.h"
#include "services/lab/rpc/mapping_handlers.h"
#include "services/lab/rpc/notice_handlers.h"
#include "services/lab/rpc/recognition_handlers.h"
#include "services/lab/rpc/reference_handlers.h"
#include "services/lab/rpc/sharing_handlers.h"
#include "services/lab/rpc/trend_handlers.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_mapping_store.h"
#include "services/lab/store/mysql_notice_store.h"
#include "services/lab/store/mysql_recognition_store.h"
#include "services/lab/store/mysql_reference_store.h"
#include "services/lab/store/mysql_report_store.h"
#include "services/lab/store/mysql_sharing_store.h"
#include "services/lab/store/mysql_trend_store.h"

namespace yilian::lab {

namespace {

std::string RulesFault(const CriticalRules& rules) {
  if (std::adjacent_find(rules.ladder.begin(), rules.ladder.end(), std::greater_equal<>()) !=
      rules.ladder.end()) {
    return "critical: first_minutes, second_minutes and third_minutes ascend";
  }
  for (const CriticalLimit& limit : rules.limits) {
    for (const std::string& bound : {limit.below, limit.above}) {
      if (!bound.empty() && !IsDecimal(bound)) {
        return fmt::format("critical.limits: \"{}\" of LOINC {} is not a number in plain digits",
                           bound, limit.loinc);
      }
    }
    if (limit.below.empty() && limit.above.empty()) {
      return fmt::format("critical.limits: LOINC {} has neither `below` nor `above`", limit.loinc);
    }
    const auto order = CompareDecimals(limit.below, limit.above);
    if (order && *order >= 0) {
      return fmt::format("critical.limits: `below` of LOINC {} is not under its `above`",
                         limit.loinc);
    }
  }
  return "";
}

absl::StatusOr<CriticalRules> RulesOf(const CriticalConfig& config) {
  CriticalRules rules{
      .ladder = {absl::Minutes(config.first_minutes()), absl::Minutes(config.second_minutes()),
                 absl::Minutes(config.third_minutes())},
      .action = absl::Minutes(config.action_minutes())};
  for (const CriticalLimitConfig& limit : config.limits()) {
    rules.limits.push_back({.loinc = limit.loinc(),
                            .units = {limit.units().begin(), limit.units().end()},
                            .below = limit.below(),
                            .above = limit.above()});
  }
  const std::string fault = RulesFault(rules);
  if (!fault.empty()) return absl::InvalidArgumentError(fault);
  return rules;
}

absl::StatusOr<std::vector<DeltaLimit>> DeltasOf(const LabConfig& config) {
  std::vector<DeltaLimit> limits;
  for (const DeltaLimitConfig& limit : config.deltas()) {
    for (const std::string& bound : {limit.absolute(), limit.percent()}) {
      if (!bound.empty() && !IsDecimal(bound)) {
        return absl::InvalidArgumentError(fmt::format(
            "deltas: \"{}\" of LOINC {} is not a number in plain digits", bound, limit.loinc()));
      }
    }
    if (!IsUcum(limit.unit())) {
      return absl::InvalidArgumentError(fmt::format(
          "deltas: \"{}\" of LOINC {} is not a unit in UCUM", limit.unit(), limit.loinc()));
    }
    limits.push_back({.loinc = limit.loinc(),
                      .unit = limit.unit(),
                      .absolute = limit.absolute(),
                      .percent = limit.percent(),
                      .within = absl::Hours(limit.within_hours())});
  }
  return limits;
}

absl::StatusOr<NoticeRules> LadderOf(const NoticeConfig& config) {
  if (config.laboratory_hours() <= config.organization_hours()) {
    return absl::InvalidArgumentError(
        "notices: laboratory_hours is greater than organization_hours");
  }
  return NoticeRules{
      .ladder = {absl::Hours(config.organization_hours()), absl::Hours(config.laboratory_hours())}};
}

}  // namespace

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const LabConfig&>(message);
  ASSIGN_OR_RETURN(CriticalRules parsed, RulesOf(config.critical()));
  ASSIGN_OR_RETURN(parsed.deltas, DeltasOf(config));
  auto* rules = context.Own(std::make_unique<CriticalRules>(std::move(parsed)));
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  auto* store = context.Own(std::make_unique<MysqlReportStore>(context.unit_of_work(), *rules));
  auto* critical =
      context.Own(std::make_unique<MysqlCriticalStore>(context.unit_of_work(), *rules));
  auto* relationships = context.Own(std::make_unique<relationship::Check>(
      context.pool(), context.Channel("directory"), context.clock()));
  auto* mappings = context.Own(std::make_unique<MysqlMappingStore>(context.unit_of_work()));
  ASSIGN_OR_RETURN(NoticeRules ladder, LadderOf(config.notices()));
  auto* notice_rules = context.Own(std::make_unique<NoticeRules>(std::move(ladder)));
  auto* notices =
      context.Own(std::make_unique<MysqlNoticeStore>(context.unit_of_work(), *notice_rules));
  DefineTimers(context.timers(), *critical, *rules, context.clock());
  DefineNoticeTimers(context.timers(), *notices, context.clock());
  context.Consume(
      {.name = "lab.merges", .source = "directory", .types = relationship::MergeEventTypes()},
      [store](mysql::Session& session, const event::v1::Event& event) {
        return ApplyDirectoryEvent(session, event, *store);
      });
  auto* sharing = context.Own(std::make_unique<MysqlSharingStore>(context.unit_of_work()));
  auto* sights = context.Own(std::make_unique<Sights>(*relationships, *sharing));
  auto* handlers = context.Own(std::make_unique<LabHandlers>(LabHandlers::Deps{
      .store = *store, .sights = *sights, .feed = context.feed(), .sealer = *sealer}));
  context.Serve(Bind(*handlers));
  auto* critical_handlers = context.Own(std::make_unique<CriticalHandlers>(CriticalHandlers::Deps{
      .store = *critical, .sights = *sights, .sealer = *sealer, .rules = *rules}));
  context.Serve(Bind(*critical_handlers));
  context.Serve(Bind(*context.Own(std::make_unique<MappingHandlers>(*mappings, *sealer))));
  auto* references = context.Own(std::make_unique<MysqlReferenceStore>(context.unit_of_work()));
  context.Serve(Bind(*context.Own(std::make_unique<ReferenceHandlers>(*references, *sealer))));
  auto* trends = context.Own(std::make_unique<MysqlTrendStore>(context.pool()));
  context.Serve(Bind(*context.Own(std::make_unique<TrendHandlers>(
      TrendHandlers::Deps{.store = *trends, .sights = *sights, .sealer = *sealer}))));
  auto* recognition = context.Own(std::make_unique<MysqlRecognitionStore>(context.unit_of_work()));
  context.Serve(Bind(*context.Own(
      std::make_unique<RecognitionHandlers>(RecognitionHandlers::Deps{.store = *recognition,
                                                                      .trends = *trends,
                                                                      .sights = *sights,
                                                                      .sealer = *sealer,
                                                                      .clock = context.clock()}))));
  context.Serve(Bind(*context.Own(std::make_unique<SharingHandlers>(*sharing, *sealer))));
  context.Serve(Bind(*context.Own(std::make_unique<NoticeHandlers>(*notices, *sealer))));
  return absl::OkStatus();
}

service::Definition LabDefinition() {
  return {.name = "lab",
          .config_default = &LabConfig::default_instance(),
          .migrations = LabMigrations(),
          .build = &Build};
}

}  // namespace yilian::lab
