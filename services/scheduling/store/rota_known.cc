#include "services/scheduling/store/rota_known.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/mysql/shaped.h"
#include "services/scheduling/store/availability_rows.h"
#include "services/scheduling/store/rota_rows.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"

namespace yilian::scheduling {
namespace {

using rota::Asked;
using rota::BusyTime;
using rota::Known;
using rota::Problem;
using rota::Rota;
using rota::Standing;

// Runs `statement` for all ids, a few at a time: `tail` are the values behind the list, which is
// filled up by repeating the last id.
template <typename Id>
absl::Status SelectFor(mysql::Session& sql, const mysql::Shaped& statement,
                       const mysql::Values& head, const std::vector<Id>& ids,
                       const mysql::Values& tail, mysql::RowCallback row) {
  for (size_t first = 0; first < ids.size();) {
    const mysql::Shaped::Shape& shape = statement.AtLeast(ids.size() - first);
    mysql::Values values = head;
    for (size_t i = first; i < first + shape.length; ++i) {
      values.emplace_back(ids[std::min(i, ids.size() - 1)]);
    }
    values.insert(values.end(), tail.begin(), tail.end());
    RETURN_IF_ERROR(sql.SelectValues(shape.query(), values, row));
    first += shape.length;
  }
  return absl::OkStatus();
}

// Index: ix_session__practitioner_id_starts_at.
const mysql::Shaped& SessionsOfExperts() {
  static const mysql::Shaped& statement =
      *new mysql::Shaped("scheduling.SessionsOfExperts", {25, 200}, [](size_t length) {
        return "SELECT practitioner_id, session_id, starts_at, ends_at FROM session WHERE "
               "practitioner_id IN (" +
               mysql::Places(length) +
               ") AND starts_at > ? AND starts_at < ? AND ends_at > ? AND cancelled = 0";
      });
  return statement;
}

// Index: ix_absence__organization_id_practitioner_id_ends_at.
const mysql::Shaped& AbsencesOfExperts() {
  static const mysql::Shaped& statement =
      *new mysql::Shaped("scheduling.AbsencesOfExperts", {25, 200}, [](size_t length) {
        return "SELECT practitioner_id, starts_at, ends_at FROM absence WHERE organization_id = ? "
               "AND practitioner_id IN (" +
               mysql::Places(length) +
               ") AND ends_at > ? AND starts_at < ? AND ends_at > starts_at";
      });
  return statement;
}

// Index: ix_seat__session_id_state_pool.
const mysql::Shaped& TakenSessions() {
  static const mysql::Shaped& statement =
      *new mysql::Shaped("scheduling.TakenSessions", {25, 200}, [](size_t length) {
        return "SELECT DISTINCT session_id FROM seat WHERE session_id IN (" +
               mysql::Places(length) + ") AND state = 'TAKEN'";
      });
  return statement;
}

// The period by any clock.
Span PeriodOf(const Problem& problem) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return {absl::FromCivil(problem.first_day - 1, utc),
          absl::FromCivil(problem.first_day + 7 * problem.weeks + 1, utc)};
}

absl::Status LoadClocks(mysql::Session& sql, const Problem& problem, const TemplateRules& rules,
                        Known& known) {
  for (const rota::Site& one : problem.sites) {
    ASSIGN_OR_RETURN(const Site site, LoadSite(sql, one.id, rules));
    known.site_zones.push_back(site.zone);
  }
  for (const rota::Station& one : problem.stations) {
    ASSIGN_OR_RETURN(known.stations.emplace_back(), LoadSite(sql, one.id, rules));
  }
  return absl::OkStatus();
}

absl::Status LoadBusy(mysql::Session& sql, const Rota& rota, const Problem& problem,
                      const std::set<SessionId>& standing, Known& known) {
  std::vector<PractitionerId> ids;
  std::map<PractitionerId, int> positions;
  for (const rota::Expert& expert : problem.experts) {
    positions.emplace(expert.id, static_cast<int>(ids.size()));
    ids.push_back(expert.id);
  }
  const Span period = PeriodOf(problem);
  RETURN_IF_ERROR(SelectFor(
      sql, SessionsOfExperts(), {}, ids,
      {period.start - kLongestStanding, period.end, period.start}, [&](const mysql::Row& row) {
        const auto session = row.Id<SessionId>(1);
        if (standing.contains(session)) return absl::OkStatus();
        known.busy.push_back(
            BusyTime{positions.at(row.Id<PractitionerId>(0)), {row.Time(2), row.Time(3)}, session});
        return absl::OkStatus();
      }));
  return SelectFor(
      sql, AbsencesOfExperts(), {rota.organization}, ids, {period.start, period.end},
      [&](const mysql::Row& row) {
        known.busy.push_back(BusyTime{
            positions.at(row.Id<PractitionerId>(0)), {row.Time(1), row.Time(2)}, SessionId()});
        return absl::OkStatus();
      });
}

// Where experts and needs stand in a problem.
class Positions {
 public:
  explicit Positions(const Problem& problem) {
    for (const rota::Expert& expert : problem.experts) {
      experts_.emplace(expert.id, static_cast<int>(experts_.size()));
    }
    for (const rota::Need& need : problem.needs) {
      const OrganizationId station = problem.stations[static_cast<size_t>(need.station)].id;
      needs_.emplace(std::pair(station, need.specialty), static_cast<int>(needs_.size()));
    }
  }
  rota::Visit Of(const RotaSession& made) const {
    const auto expert = experts_.find(made.practitioner);
    const auto need = needs_.find({made.station, made.specialty});
    return {expert == experts_.end() ? -1 : expert->second,
            need == needs_.end() ? -1 : need->second, made.day};
  }

 private:
  std::map<PractitionerId, int> experts_;
  std::map<std::pair<OrganizationId, std::string>, int> needs_;
};

bool IsAsPlanned(const Session& session, const rota::Visit& visit, const Asked& asked,
                 const Known& known) {
  if (visit.expert < 0 || visit.need < 0) return false;
  const auto need = static_cast<size_t>(visit.need);
  const auto station = static_cast<size_t>(asked.problem.needs[need].station);
  return session.department == asked.departments[need] && session.seats == asked.seats &&
         session.time == OnClock(asked.hours, visit.day, known.stations[station].zone).time;
}

absl::Status LoadStanding(mysql::Session& sql, const Rota& rota, const Asked& asked,
                          Standings standings, absl::Time now, Known& known) {
  ASSIGN_OR_RETURN(const std::optional<RotaId> published, FindPublishedRota(sql, rota));
  if (!published) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<RotaSession> made, SessionsOfRota(sql, *published));
  const Positions positions(asked.problem);
  std::vector<SessionId> ids;
  for (const RotaSession& one : made) {
    ASSIGN_OR_RETURN(const std::optional<SessionRow> row, standings == Standings::kLock
                                                              ? LockSession(sql, one.session)
                                                              : LoadSession(sql, one.session));
    // One that was cancelled as a whole is no visit any more.
    if (!row || row->session.cancelled) continue;
    Standing standing{.session = one.session,
                      .practitioner = one.practitioner,
                      .station = one.station,
                      .specialty = one.specialty,
                      .visit = positions.Of(one),
                      .taken = row->session.ClosedAt(now)};
    standing.as_planned = IsAsPlanned(row->session, standing.visit, asked, known);
    if (standings == Standings::kLock) {
      ASSIGN_OR_RETURN(const bool taken, LockSeats(sql, one.session));
      standing.taken = standing.taken || taken;
    }
    ids.push_back(one.session);
    known.standing.push_back(std::move(standing));
  }
  if (standings == Standings::kLock) return absl::OkStatus();
  std::set<SessionId> taken;
  RETURN_IF_ERROR(SelectFor(sql, TakenSessions(), {}, ids, {}, [&](const mysql::Row& row) {
    taken.insert(row.Id<SessionId>(0));
    return absl::OkStatus();
  }));
  for (Standing& one : known.standing) one.taken = one.taken || taken.contains(one.session);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Known> LoadKnown(mysql::Session& sql, const Rota& rota, const Asked& asked,
                                const TemplateRules& rules, Standings standings, absl::Time now) {
  Known known;
  RETURN_IF_ERROR(LoadClocks(sql, asked.problem, rules, known));
  RETURN_IF_ERROR(LoadStanding(sql, rota, asked, standings, now, known));
  std::set<SessionId> standing;
  for (const Standing& one : known.standing) standing.insert(one.session);
  RETURN_IF_ERROR(LoadBusy(sql, rota, asked.problem, standing, known));
  return known;
}

}  // namespace yilian::scheduling
