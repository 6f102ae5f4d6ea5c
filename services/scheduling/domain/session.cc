#include "services/scheduling/domain/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/etag.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/domain/release.h"

namespace yilian::scheduling {
namespace {

// The place of a pool in a session: those who wait worst are seen first.
int Rank(PoolKind kind) {
  switch (kind) {
    case PoolKind::kGreen:
      return 0;
    case PoolKind::kOrganization:
      return 1;
    case PoolKind::kConsortium:
      return 2;
    case PoolKind::kOpen:
      return 3;
  }
  return 3;
}

void CheckTime(const Span& time, const Rules& rules, absl::Time now,
               errors::Violations& violations) {
  if (time.end <= time.start) violations.emplace_back("time.end", "must be after time.start");
  if (time.start <= now) violations.emplace_back("time.start", "must be in the future");
  if (time.end - time.start > rules.longest_session) {
    violations.emplace_back("time", fmt::format("must be at most {} hours long",
                                                absl::ToInt64Hours(rules.longest_session)));
  }
}

std::vector<SeatPool> PoolsFor(std::vector<Quota> quotas, int seats) {
  std::stable_sort(quotas.begin(), quotas.end(),
                   [](const Quota& a, const Quota& b) { return Rank(a.kind) < Rank(b.kind); });
  std::vector<SeatPool> pools;
  pools.reserve(seats);
  for (const Quota& quota : quotas) {
    pools.insert(pools.end(), quota.seats, SeatPool{quota.kind, quota.organization});
  }
  pools.resize(seats);
  return pools;
}

}  // namespace

std::string Session::etag() const { return base::EtagOf(version); }

Span Session::SeatTime(int number) const {
  if (kind == SessionKind::kBed) return time;
  const int64_t start = absl::ToUnixMicros(time.start);
  const int64_t length = absl::ToUnixMicros(time.end) - start;
  return {absl::FromUnixMicros(start + length * (number - 1) / seats),
          absl::FromUnixMicros(start + length * number / seats)};
}

std::vector<Quota> DefaultQuotas(int seats, bool expert, const Rules& rules) {
  const int percent = expert ? rules.expert_reserved_percent : rules.reserved_percent;
  const int reserved = (seats * percent + 99) / 100;
  const int green = std::min(rules.green_seats, std::max(reserved - 1, 0));
  std::vector<Quota> quotas;
  if (green > 0) quotas.push_back({.kind = PoolKind::kGreen, .seats = green});
  if (reserved > green) {
    quotas.push_back({.kind = PoolKind::kConsortium, .seats = reserved - green});
  }
  return quotas;
}

absl::StatusOr<PlannedSession> PlanSession(SessionId id, const NewSession& offer,
                                           const Rules& rules, absl::Time now) {
  errors::Violations violations;
  CheckTime(offer.time, rules, now, violations);
  CheckQuotas(offer.quotas, offer.seats, "quotas", violations);
  if (offer.kind == SessionKind::kOutreach && offer.practitioner.is_nil()) {
    violations.emplace_back("practitioner_id", "is required with SESSION_KIND_OUTREACH");
  }
  if (offer.resource.none() != offer.resource.code.empty()) {
    violations.emplace_back("resource_code", "goes with resource_kind; allowed: both or none");
  }
  CheckClinicRule(offer.rule, "clinic_rule", violations);
  if (!violations.empty()) return errors::FieldInvalid(violations);

  PlannedSession planned;
  planned.session = Session{
      .id = id,
      .organization = offer.organization,
      .department = offer.department,
      .specialty = offer.specialty,
      .practitioner = offer.practitioner,
      .site = offer.site.is_nil() ? offer.organization : offer.site,
      .kind = offer.kind,
      .time = offer.time,
      .seats = offer.seats,
      .organization_release_at = offer.time.start - rules.organization_release,
      .open_release_at = offer.time.start - rules.open_release,
      .made_from = offer.made_from,
      .resource = offer.resource,
      .rule = offer.rule,
      .rule_date = offer.rule.none() ? absl::CivilDay() : offer.date,
  };
  planned.pools = PoolsFor(offer.quotas.empty()
                               ? DefaultQuotas(offer.seats, !offer.practitioner.is_nil(), rules)
                               : offer.quotas,
                           offer.seats);
  for (const Release& release : DueReleases(planned.session, now)) {
    for (SeatPool& pool : planned.pools) {
      if (pool.kind == release.from) pool = SeatPool{.kind = release.to};
    }
    planned.session.released = release.stage;
  }
  return planned;
}

}  // namespace yilian::scheduling
