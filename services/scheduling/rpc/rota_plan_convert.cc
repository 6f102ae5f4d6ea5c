#include "services/scheduling/rpc/rota_plan_convert.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/rpc/rota_problem_convert.h"

namespace yilian::scheduling::convert {
namespace {

using rota::Asked;
using wire::OptionalId;
using wire::SetTime;
using wire::TextOrEmpty;

template <typename T>
const T& At(const std::vector<T>& all, int position) {
  return all[static_cast<size_t>(position)];
}

std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }

const OrganizationId& StationOf(const Asked& asked, const rota::Need& need) {
  return At(asked.problem.stations, need.station).id;
}

void SetVisit(v1::RotaVisit& out, const Asked& asked, const rota::Visit& visit) {
  const rota::Need& need = At(asked.problem.needs, visit.need);
  out.set_practitioner_id(At(asked.problem.experts, visit.expert).id.ToString());
  out.set_station_id(StationOf(asked, need).ToString());
  out.set_specialty(need.specialty);
  out.set_day(Text(visit.day));
}

void SetCost(v1::RotaCost& out, const rota::Cost& cost) {
  out.set_unmet(cost.unmet);
  out.set_travel(cost.travel);
  out.set_fairness(cost.fairness);
  out.set_continuity(cost.continuity);
  out.set_total(cost.total());
}

v1::RotaUnmet ToProto(const Asked& asked, const rota::Unmet& unmet) {
  const rota::Need& need = At(asked.problem.needs, unmet.need);
  v1::RotaUnmet proto;
  proto.set_need(unmet.need);
  proto.set_station_id(StationOf(asked, need).ToString());
  proto.set_specialty(need.specialty);
  proto.set_week(unmet.week);
  proto.set_days(unmet.days);
  proto.set_reason(static_cast<v1::RotaUnmetReason>(unmet.reason));
  proto.mutable_competing()->Add(unmet.competing.begin(), unmet.competing.end());
  return proto;
}

v1::RotaViolation ToProto(const Asked& asked, const std::vector<rota::Visit>& visits,
                          const rota::Violation& violation) {
  v1::RotaViolation proto;
  SetVisit(*proto.mutable_visit(), asked, At(visits, violation.visit));
  proto.set_rule(static_cast<v1::RotaRule>(violation.rule));
  proto.set_limit(violation.limit);
  if (violation.other >= 0) {
    SetVisit(*proto.mutable_other(), asked, At(visits, violation.other));
  }
  proto.set_blocking_session_id(TextOrEmpty(violation.blocking));
  return proto;
}

v1::RotaDayTakenOut ToProto(const Asked& asked, const rota::TakenOut& one) {
  v1::RotaDayTakenOut proto;
  proto.set_practitioner_id(At(asked.problem.experts, one.expert).id.ToString());
  proto.set_day(Text(one.day));
  proto.set_session_id(TextOrEmpty(one.session));
  return proto;
}

v1::RotaKeptSession ToProto(const rota::Standing& one) {
  v1::RotaKeptSession proto;
  proto.set_session_id(one.session.ToString());
  proto.set_practitioner_id(one.practitioner.ToString());
  proto.set_station_id(one.station.ToString());
  proto.set_specialty(one.specialty);
  proto.set_day(Text(one.visit.day));
  return proto;
}

// What a plan and a review have in common.
template <typename Proto>
void SetJudgement(Proto& out, const Asked& asked, const std::vector<rota::Visit>& visits,
                  const rota::Judgement& judgement) {
  SetCost(*out.mutable_cost(), judgement.findings.cost);
  for (const rota::Unmet& one : judgement.findings.unmet) *out.add_unmet() = ToProto(asked, one);
  for (const rota::Violation& one : judgement.findings.violations) {
    *out.add_violations() = ToProto(asked, visits, one);
  }
  for (const rota::TakenOut& one : judgement.taken_out) {
    *out.add_taken_out() = ToProto(asked, one);
  }
  for (const rota::Standing& one : judgement.kept) *out.add_kept() = ToProto(one);
}

}  // namespace

v1::Rota ToProto(const rota::Rota& rota) {
  v1::Rota proto;
  proto.set_rota_id(rota.id.ToString());
  proto.set_organization_id(rota.organization.ToString());
  proto.set_code(rota.code);
  proto.set_first_day(Text(rota.first_day));
  proto.set_weeks(rota.weeks);
  proto.set_state(static_cast<v1::RotaState>(rota.state));
  if (rota.phase) proto.set_phase(static_cast<v1::RotaPhase>(*rota.phase));
  proto.set_cost(rota.cost);
  proto.set_bound(rota.bound);
  proto.set_visits(static_cast<int32_t>(rota.visits));
  proto.set_unmet(static_cast<int32_t>(rota.unmet));
  proto.set_violations(static_cast<int32_t>(rota.violations));
  proto.set_failure(rota.failure);
  SetTime(proto.mutable_created_at(), rota.created_at);
  if (rota.published_at) SetTime(proto.mutable_published_at(), *rota.published_at);
  proto.set_etag(rota.etag());
  return proto;
}

v1::RotaPlan ToProto(const Asked& asked, const rota::Planned& planned) {
  v1::RotaPlan proto;
  for (size_t i = 0; i < planned.visits.size(); ++i) {
    v1::RotaVisit& visit = *proto.add_visits();
    SetVisit(visit, asked, planned.visits[i]);
    if (i < planned.sessions.size()) visit.set_session_id(TextOrEmpty(planned.sessions[i]));
  }
  proto.set_bound(planned.bound);
  const rota::Findings& findings = planned.judgement.findings;
  const auto total = static_cast<double>(findings.cost.total());
  proto.set_gap(std::max(0.0, total - planned.bound) / std::max(1.0, planned.bound));
  proto.set_stopped_early(planned.stopped_early);
  for (size_t i = 0; i < findings.loads.size(); ++i) {
    v1::RotaLoad& load = *proto.add_loads();
    load.set_practitioner_id(asked.problem.experts[i].id.ToString());
    load.set_days(findings.loads[i].days);
    load.set_fair_least(findings.loads[i].fair_least);
    load.set_fair_most(findings.loads[i].fair_most);
  }
  SetJudgement(proto, asked, planned.visits, planned.judgement);
  return proto;
}

v1::RotaReview ToProto(const rota::Rota& rota, const Asked& asked,
                       const std::vector<rota::Visit>& visits, const rota::Judgement& judgement) {
  v1::RotaReview proto;
  *proto.mutable_rota() = ToProto(rota);
  SetJudgement(proto, asked, visits, judgement);
  return proto;
}

v1::PublishRotaResponse ToProto(const rota::Rota& rota, const rota::Published& published) {
  v1::PublishRotaResponse proto;
  *proto.mutable_rota() = ToProto(rota);
  proto.set_made(published.made);
  proto.set_stayed(published.stayed);
  proto.set_withdrawn(published.withdrawn);
  for (const rota::Standing& one : published.kept) *proto.add_kept() = ToProto(one);
  return proto;
}

absl::StatusOr<rota::Planned> ToDomain(const Asked& asked, const v1::RotaPlan& plan) {
  // Read as what somebody would add to the problem.
  v1::EditRotaRequest visits;
  *visits.mutable_add() = plan.visits();
  absl::StatusOr<rota::Edit> read = ToDomain(visits, asked);
  if (!read.ok()) return absl::DataLossError("a stored plan does not fit its problem");
  rota::Planned planned{
      .visits = std::move(read->add), .bound = plan.bound(), .stopped_early = plan.stopped_early()};
  for (const v1::RotaVisit& visit : plan.visits()) {
    ASSIGN_OR_RETURN(planned.sessions.emplace_back(), OptionalId<SessionId>(visit.session_id()));
  }
  return planned;
}

rota::RotaEncoding RotaStoreEncoding() {
  return {
      .rota = [](const rota::Rota& rota) { return ToProto(rota); },
      .review =
          [](const rota::Rota& rota, const Asked& asked, const std::vector<rota::Visit>& visits,
             const rota::Judgement& judgement) { return ToProto(rota, asked, visits, judgement); },
      .published = [](const rota::Rota& rota,
                      const rota::Published& published) { return ToProto(rota, published); },
      .read_problem = [](const std::string& bytes) -> absl::StatusOr<Asked> {
        v1::RotaProblem problem;
        if (!problem.ParseFromString(bytes)) {
          return absl::DataLossError("a stored problem does not parse");
        }
        return ToDomain(problem);
      },
      .plan =
          [](const Asked& asked, const rota::Planned& planned) {
            return ToProto(asked, planned).SerializeAsString();
          },
      .read_plan = [](const Asked& asked,
                      const std::string& bytes) -> absl::StatusOr<rota::Planned> {
        v1::RotaPlan plan;
        if (!plan.ParseFromString(bytes)) {
          return absl::DataLossError("a stored plan does not parse");
        }
        return ToDomain(asked, plan);
      }};
}

}  // namespace yilian::scheduling::convert
