#include "services/directory/store/mysql_receiver_source.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "services/directory/domain/errors.h"
#include "services/directory/domain/period.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/civil_day.h"
#include "services/directory/store/mysql_catalog_store.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kReferrer{
    "directory.Referrer",
    "SELECT o.organization_id, o.name, o.tier, o.consortium_id, l.longitude_e6, l.latitude_e6 "
    "FROM organization o LEFT JOIN organization_location l "
    "ON l.organization_id = o.organization_id WHERE o.organization_id = ?"};
// Index: primary key, then ix_contract__patient. A merge moves contracts to the surviving record.
constexpr Query kContracted{
    "directory.ContractedCare",
    "SELECT c.organization_id, o.consortium_id FROM patient p "
    "JOIN contract c ON c.patient_id = COALESCE(p.merged_into, p.patient_id) "
    "JOIN organization o ON o.organization_id = c.organization_id "
    "WHERE p.patient_id = ? AND c.start_date <= ? AND c.end_date >= ? AND c.terminated_at IS NULL "
    "ORDER BY c.start_date DESC LIMIT 1"};
// Index: ix_organization__consortium, then ix_catalog_entry__organization; the rest by primary key.
constexpr Query kCandidates{
    "directory.Candidates",
    "SELECT e.department_id, e.organization_id, e.settings, e.channels, e.version, d.name, "
    "d.specialty, o.name, o.tier, o.consortium_id, l.longitude_e6, l.latitude_e6 "
    "FROM organization o JOIN catalog_entry e ON e.organization_id = o.organization_id "
    "JOIN department d ON d.department_id = e.department_id "
    "LEFT JOIN organization_location l ON l.organization_id = o.organization_id "
    "WHERE o.consortium_id = ? AND (e.settings & ?) <> 0 AND (e.channels & ?) <> 0 "
    "AND (? = '' OR d.specialty = ?) ORDER BY e.department_id LIMIT 2000"};
// Index: ix_offered_session__department_start, then the primary key of offered_pool. Seats of the
// next weeks that nobody holds and the referrer may take, by PoolKind: 1 open, 2 the consortium's,
// 3 one organization's, 4 green. A session without pools was told of by an earlier release: of its
// seats those that are reserved are counted, at most as many as are free.
constexpr Query kFree{
    "directory.FreeSeats",
    "SELECT s.department_id, MIN(s.starts_at), CAST(SUM(CASE WHEN p.kind = 1 THEN 0 WHEN p.kind "
    "IS NULL THEN IF(?, LEAST(s.reserved, s.seats - s.taken), 0) ELSE p.last_seat - p.first_seat "
    "+ 1 - p.taken END) AS SIGNED) "
    "FROM organization o JOIN catalog_entry e ON e.organization_id = o.organization_id "
    "JOIN offered_session s ON s.department_id = e.department_id "
    "LEFT JOIN offered_pool p ON p.session_id = s.session_id "
    "WHERE o.consortium_id = ? AND s.starts_at > ? AND s.starts_at < ? AND s.kind IN (?, ?) "
    "AND s.taken < s.seats AND (p.kind IS NULL OR (p.taken < p.last_seat - p.first_seat + 1 AND "
    "(p.kind = 1 OR (p.kind = 2 AND ?) OR (p.kind = 3 AND p.organization_id = ?) OR "
    "(p.kind = 4 AND ?)))) GROUP BY s.department_id"};

// How far ahead seats are looked for.
constexpr absl::Duration kHorizon = absl::Hours(28 * 24);

// Numbers of yilian.scheduling.v1.SessionKind that a setting is served by; 0: none.
std::pair<int, int> KindsOf(Setting setting) {
  switch (setting) {
    case Setting::kOutpatient:
      return {1, 2};  // outpatient clinic, outreach
    case Setting::kInpatient:
      return {5, 5};  // bed
    case Setting::kExamination:
      return {4, 4};  // device
    case Setting::kEmergency:
      break;  // comes at once, without a seat
  }
  return {0, 0};
}

std::optional<Location> LocationIn(const Row& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return Location{.longitude_e6 = row.Int(column), .latitude_e6 = row.Int(column + 1)};
}

absl::StatusOr<Tier> TierIn(const Row& row, int column) {
  const std::optional<Tier> tier = TierFromName(row.Text(column));
  if (!tier) return absl::InternalError("unknown tier is stored");
  return *tier;
}

absl::StatusOr<Referrer> ToReferrer(const Row& row) {
  Referrer referrer;
  referrer.organization.id = row.Id<OrganizationId>(0);
  referrer.organization.name = row.Text(1);
  ASSIGN_OR_RETURN(referrer.organization.tier, TierIn(row, 2));
  referrer.organization.consortium = row.Id<OrganizationId>(3);
  referrer.location = LocationIn(row, 4);
  return referrer;
}

absl::StatusOr<Candidate> ToCandidate(const Row& row) {
  Candidate candidate{.entry = ToCatalogEntry(row)};
  candidate.department = {.id = candidate.entry.department,
                          .organization = candidate.entry.organization,
                          .name = row.Text(5),
                          .specialty = row.Text(6)};
  candidate.organization.id = candidate.entry.organization;
  candidate.organization.name = row.Text(7);
  ASSIGN_OR_RETURN(candidate.organization.tier, TierIn(row, 8));
  candidate.organization.consortium = row.Id<OrganizationId>(9);
  candidate.location = LocationIn(row, 10);
  return candidate;
}

absl::Status AddLists(Session& session, std::vector<Candidate>& candidates) {
  std::vector<CatalogEntry> entries;
  for (Candidate& one : candidates) entries.push_back(std::move(one.entry));
  RETURN_IF_ERROR(ReadLists(session, entries));
  for (size_t i = 0; i < candidates.size(); ++i) candidates[i].entry = std::move(entries[i]);
  return absl::OkStatus();
}

absl::Status AddFreeSeats(Session& session, const ReceiverQuery& query, const Referrer& referrer,
                          absl::Time now, std::vector<Candidate>& candidates) {
  std::map<std::string, Candidate*> by_department;
  for (Candidate& one : candidates) by_department[one.department.id.uuid().ToBytes()] = &one;
  const auto [kind, other] = KindsOf(query.setting);
  const Entitlement may = EntitlementOf(query, referrer);
  return session.SelectValues(
      kFree,
      mysql::Values{may.consortium, referrer.organization.consortium, now, now + kHorizon, kind,
                    other, may.consortium, may.organization, may.green},
      [&](const Row& row) {
        const auto found = by_department.find(row.Id(0).ToBytes());
        if (found == by_department.end()) return absl::OkStatus();
        found->second->first_free = row.Time(1);
        found->second->reserved_free = row.Int(2);
        return absl::OkStatus();
      });
}

}  // namespace

absl::StatusOr<Referrer> MysqlReceiverSource::GetReferrer(const ReceiverQuery& query,
                                                          const Actor& actor, absl::Time now,
                                                          absl::Time deadline) {
  std::optional<Referrer> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, session.SelectOne<Referrer>(kReferrer, ToReferrer, query.referrer));
    if (!found) return errors::NotFound("organization");
    if (query.patient.is_nil()) return absl::OkStatus();
    // A service asks for the organization that refers, and knows no more patients than that.
    const Actor reader{.organization = query.referrer, .user = actor.user};
    ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, query.patient, reader, now));
    if (!reads) return errors::NotFound("patient");
    const std::string today = ToSqlDate(DayOf(now));
    ASSIGN_OR_RETURN(
        found->contracted,
        session.SelectOne<ContractedCare>(
            kContracted,
            [](const Row& row) {
              return ContractedCare{row.Id<OrganizationId>(0), row.Id<OrganizationId>(1)};
            },
            query.patient, today, today));
    return absl::OkStatus();
  }));
  return *std::move(found);
}

absl::StatusOr<std::vector<Candidate>> MysqlReceiverSource::Candidates(const ReceiverQuery& query,
                                                                       const Referrer& referrer,
                                                                       absl::Time now,
                                                                       absl::Time deadline) {
  std::vector<Candidate> candidates;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(candidates,
                     session.SelectAll<Candidate>(
                         kCandidates, ToCandidate, referrer.organization.consortium,
                         CodeSet<Setting>::BitOf(query.setting),
                         CodeSet<Channel>::BitOf(query.channel), query.specialty, query.specialty));
    RETURN_IF_ERROR(AddLists(session, candidates));
    return AddFreeSeats(session, query, referrer, now, candidates);
  }));
  return candidates;
}

}  // namespace yilian::directory
