#include "services/scheduling/store/rota_publication.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/scheduling/rota/errors.h"
#include "services/scheduling/store/new_session.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/rota_events.h"
#include "services/scheduling/store/rota_known.h"

namespace yilian::scheduling {
namespace {

using rota::Asked;
using rota::Standing;
using rota::Visit;

std::string TextOf(const Asked& asked, const Visit& visit) {
  const rota::Problem& problem = asked.problem;
  const rota::Need& need = problem.needs[static_cast<size_t>(visit.need)];
  return fmt::format("{} at {} for {} on {}",
                     problem.experts[static_cast<size_t>(visit.expert)].id.ToString(),
                     problem.stations[static_cast<size_t>(need.station)].id.ToString(),
                     need.specialty, absl::FormatCivilTime(visit.day));
}

absl::Status Refusal(const Asked& asked, const std::vector<Visit>& visits,
                     const std::vector<rota::Violation>& violations) {
  std::vector<errors::BrokenVisit> first;
  for (const rota::Violation& one : violations) {
    if (first.size() == errors::kMostBrokenVisits) break;
    std::string detail;
    if (one.limit > 0) detail = fmt::format("at most {}", one.limit);
    if (!one.blocking.is_nil()) detail = fmt::format("session {}", one.blocking.ToString());
    first.push_back({std::string(Name(one.rule)),
                     TextOf(asked, visits[static_cast<size_t>(one.visit)]), std::move(detail)});
  }
  return errors::RotaBroken(violations.size(), first);
}

}  // namespace

absl::Status RotaPublication::GuardExperts() {
  std::set<PractitionerId> experts;
  for (const Visit& visit : planned_.visits) {
    experts.insert(asked_.problem.experts[static_cast<size_t>(visit.expert)].id);
  }
  for (const PractitionerId expert : experts) RETURN_IF_ERROR(GuardExpert(sql_, expert));
  return absl::OkStatus();
}

RotaSession RotaPublication::LinkOf(const Visit& visit, SessionId session) const {
  const rota::Need& need = asked_.problem.needs[static_cast<size_t>(visit.need)];
  return {.session = session,
          .practitioner = asked_.problem.experts[static_cast<size_t>(visit.expert)].id,
          .station = asked_.problem.stations[static_cast<size_t>(need.station)].id,
          .specialty = need.specialty,
          .day = visit.day};
}

absl::Status RotaPublication::ClearStanding() {
  std::set<SessionId> kept;
  for (const Standing& one : planned_.judgement.kept) kept.insert(one.session);
  std::set<SessionId> stay;
  for (const Visit& visit : planned_.visits) {
    if (const Standing* standing = FindStanding(known_, visit)) stay.insert(standing->session);
  }
  for (const Standing& one : known_.standing) {
    if (kept.contains(one.session) || stay.contains(one.session)) {
      RETURN_IF_ERROR(MoveRotaSession(sql_, one.session, rota_.id));
      continue;
    }
    ASSIGN_OR_RETURN(std::optional<outbox::NewEvent> withdrawn,
                     WithdrawIfFree(sql_, one.session, one.visit.day, scope_.now()));
    // Its seats were locked and free when the plan was judged.
    if (!withdrawn) return absl::InternalError("a locked session was booked under its lock");
    RETURN_IF_ERROR(RemoveRotaSession(sql_, one.session));
    scope_.Append(*std::move(withdrawn));
    ++published_.withdrawn;
  }
  published_.stayed = static_cast<int>(stay.size());
  published_.kept = planned_.judgement.kept;
  return absl::OkStatus();
}

absl::StatusOr<SessionId> RotaPublication::Make(const Visit& visit) {
  const rota::Need& need = asked_.problem.needs[static_cast<size_t>(visit.need)];
  const Site& station = known_.stations[static_cast<size_t>(need.station)];
  const NewSession offer{
      .organization = rota_.organization,
      .department = asked_.departments[static_cast<size_t>(visit.need)],
      .specialty = need.specialty,
      .practitioner = asked_.problem.experts[static_cast<size_t>(visit.expert)].id,
      .site = station.id,
      .kind = SessionKind::kOutreach,
      .time = OnClock(asked_.hours, visit.day, station.zone).time,
      .seats = asked_.seats};
  ASSIGN_OR_RETURN(const PlannedSession planned,
                   PlanSession(SessionId::New(scope_.now()), offer, parts_.rules, scope_.now()));
  ASSIGN_OR_RETURN(outbox::NewEvent created,
                   AddSession(sql_, planned, std::nullopt, parts_.encoding, scope_.now()));
  RETURN_IF_ERROR(InsertRotaSession(sql_, rota_.id, LinkOf(visit, planned.session.id)));
  scope_.Append(std::move(created));
  ++published_.made;
  return planned.session.id;
}

absl::Status RotaPublication::MakeAll() {
  planned_.sessions.clear();
  for (const Visit& visit : planned_.visits) {
    const Standing* standing = FindStanding(known_, visit);
    if (standing != nullptr) {
      planned_.sessions.push_back(standing->session);
    } else {
      ASSIGN_OR_RETURN(planned_.sessions.emplace_back(), Make(visit));
    }
  }
  return absl::OkStatus();
}

absl::Status RotaPublication::Replace(RotaId before) {
  ASSIGN_OR_RETURN(std::optional<RotaRow> row, LockRota(sql_, before));
  if (!row) return absl::InternalError("a rota of a locked line is gone");
  row->rota.state = rota::State::kReplaced;
  ++row->rota.version;
  RETURN_IF_ERROR(SaveRota(sql_, row->rota));
  scope_.Append(events::RotaChanged(events::kRotaReplaced, row->rota, {}, encoding_, scope_.now()));
  return absl::OkStatus();
}

absl::Status RotaPublication::Save() {
  const rota::Findings& findings = planned_.judgement.findings;
  rota_.Summarize(findings.cost, findings.unmet, planned_.visits.size(), 0);
  rota_.state = rota::State::kPublished;
  rota_.published_at = scope_.now();
  ++rota_.version;
  RETURN_IF_ERROR(SaveRota(sql_, rota_));
  RETURN_IF_ERROR(SaveRotaPlan(sql_, rota_.id, encoding_.plan(asked_, planned_)));
  scope_.Append(events::RotaChanged(events::kRotaPublished, rota_, asked_.problem.stations,
                                    encoding_, scope_.now()));
  return absl::OkStatus();
}

absl::StatusOr<rota::Published> RotaPublication::Run() {
  ASSIGN_OR_RETURN(asked_, encoding_.read_problem(row_.problem));
  ASSIGN_OR_RETURN(planned_, encoding_.read_plan(asked_, row_.plan));
  RETURN_IF_ERROR(GuardExperts());
  ASSIGN_OR_RETURN(known_, LoadKnown(sql_, rota_, asked_, parts_.template_rules, Standings::kLock,
                                     scope_.now()));
  planned_.judgement = Judge(asked_, known_, planned_.visits, scope_.now());
  const std::vector<rota::Violation>& violations = planned_.judgement.findings.violations;
  if (!violations.empty()) return Refusal(asked_, planned_.visits, violations);
  ASSIGN_OR_RETURN(const std::optional<RotaId> before, FindPublishedRota(sql_, rota_));
  RETURN_IF_ERROR(ClearStanding());
  RETURN_IF_ERROR(MakeAll());
  if (before) RETURN_IF_ERROR(Replace(*before));
  RETURN_IF_ERROR(Save());
  return std::move(published_);
}

}  // namespace yilian::scheduling
