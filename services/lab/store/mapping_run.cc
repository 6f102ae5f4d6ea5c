#include "services/lab/store/mapping_run.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/outbox/outbox.h"
#include "common/relationship/merges.h"
#include "common/saga/timer.h"
#include "services/lab/store/mapped_terms.h"
#include "services/lab/store/mapping_queries.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_reference_store.h"
#include "services/lab/store/report_loading.h"
#include "services/lab/store/rows.h"
#include "services/lab/store/sensitivity.h"
#include "services/lab/store/trend_points.h"

namespace yilian::lab {
namespace {

// How far a walk has come.
struct Walk {
  OrganizationId organization;  // of the mapping
  TermId term;
  bool all = false;
  bool removed = false;
  OrganizationId done_organization;
  ReportId done_report;
};

struct Stop {
  OrganizationId organization;
  ReportId report;
};

absl::StatusOr<std::vector<Stop>> NextStops(mysql::Session& session, const Walk& walk) {
  const auto make = [](const mysql::Row& row) {
    return Stop{row.Id<OrganizationId>(0), row.Id<ReportId>(1)};
  };
  const bool region = walk.organization.is_nil();
  if (walk.all && region) {
    return session.SelectAll<Stop>(queries::kReportsOfAll, make, walk.done_report, kReportsAStep);
  }
  if (walk.all) {
    return session.SelectAll<Stop>(queries::kReportsOfSender, make, walk.organization,
                                   walk.done_report, kReportsAStep);
  }
  if (region) {
    return session.SelectAll<Stop>(queries::kWaitingOfAll, make, walk.term, walk.done_organization,
                                   walk.done_organization, walk.done_report, kReportsAStep);
  }
  return session.SelectAll<Stop>(queries::kWaitingOfSender, make, walk.term, walk.organization,
                                 walk.done_report, kReportsAStep);
}

absl::Status WriteMapped(mysql::Session& session, const Report& before, const Report& after) {
  for (size_t i = 0; i < after.observations.size(); ++i) {
    if (after.observations[i].mapped == before.observations[i].mapped) continue;
    mysql::Values values = rows::OursValues(after.observations[i]);
    values.insert(values.end(), {after.id, after.version, static_cast<int>(i)});
    RETURN_IF_ERROR(session.ExecuteValues(queries::kMapObservation, values).status());
  }
  return absl::OkStatus();
}

// Whether the version that readers see says something else now.
absl::StatusOr<bool> MapAnew(mysql::Session& session, ReportId id, const CriticalRules& rules,
                             absl::Time at) {
  ASSIGN_OR_RETURN(
      const std::optional<ReportId> locked,
      session.SelectOne<ReportId>(
          queries::kLockReport, [](const mysql::Row& row) { return row.Id<ReportId>(0); }, id));
  if (!locked) return false;
  ASSIGN_OR_RETURN(const std::optional<Report> before, LoadReport(session, id, 0));
  if (!before) return absl::DataLossError("a report's current version is missing");
  Report after = *before;
  ASSIGN_OR_RETURN(const Targets targets, TargetsFor(session, before->performing_organization,
                                                     TermsOf(before->observations)));
  Map(targets, after.observations);
  const auto is_as_before = [&](size_t i) {
    return after.observations[i].mapped == before->observations[i].mapped;
  };
  bool changed = false;
  for (size_t i = 0; i < after.observations.size(); ++i) changed |= !is_as_before(i);
  if (!changed) return false;
  RETURN_IF_ERROR(JudgeByIntervals(session, after));
  RETURN_IF_ERROR(JudgeDeltas(session, rules.deltas, after));
  // What was said of the others stays, also where their interval has changed since.
  for (size_t i = 0; i < after.observations.size(); ++i) {
    if (is_as_before(i)) after.observations[i].judged = before->observations[i].judged;
  }
  RETURN_IF_ERROR(relationship::HoldBeside(session, before->patient.uuid()));
  RETURN_IF_ERROR(WriteMapped(session, *before, after));
  RETURN_IF_ERROR(MarkSensitive(session, after).status());
  RETURN_IF_ERROR(ReplacePoints(session, &*before, after));
  RETURN_IF_ERROR(Park(session, after, at));
  ASSIGN_OR_RETURN(std::vector<outbox::NewEvent> critical,
                   FollowReportIn(session, after, true, rules, at));
  if (!critical.empty()) RETURN_IF_ERROR(outbox::Append(session, critical));
  return true;
}

}  // namespace

absl::Status SetMappingTimer(mysql::Session& session, MappingId id, absl::Time at) {
  return saga::SetTimer(
      session,
      {.kind = std::string(kMappingTimer), .aggregate_id = id.uuid(), .name = "run", .due_at = at});
}

absl::Status RunMapping(mysql::Session& session, MappingId id, const CriticalRules& rules,
                        absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<Walk> walk,
                   session.SelectOne<Walk>(
                       queries::kLockMapping,
                       [](const mysql::Row& row) {
                         return Walk{.organization = row.Id<OrganizationId>(0),
                                     .term = row.Id<TermId>(14),
                                     .all = row.Bool(11),
                                     .removed = row.IsNull(4),
                                     .done_organization = row.Id<OrganizationId>(12),
                                     .done_report = row.Id<ReportId>(13)};
                       },
                       id));
  if (!walk) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Stop> stops, NextStops(session, *walk));
  int changed = 0;
  for (const Stop& stop : stops) {
    ASSIGN_OR_RETURN(const bool differs, MapAnew(session, stop.report, rules, at));
    if (differs) ++changed;
    // Of a report that has the term no more, in the version that readers see, as well.
    if (!walk->removed) {
      RETURN_IF_ERROR(
          session.Execute(queries::kUnpark, walk->term, stop.organization, stop.report).status());
    }
  }
  const bool more = static_cast<int>(stops.size()) == kReportsAStep;
  const Stop last = stops.empty() ? Stop{walk->done_organization, walk->done_report} : stops.back();
  RETURN_IF_ERROR(session
                      .Execute(queries::kAdvanceRun, last.organization, last.report,
                               static_cast<int>(stops.size()), changed,
                               more ? std::nullopt : std::optional(at), id)
                      .status());
  return more ? SetMappingTimer(session, id, at) : absl::OkStatus();
}

}  // namespace yilian::lab
