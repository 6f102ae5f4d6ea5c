#include "services/scheduling/store/rota_rows.h"

#include <cmath>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/scheduling/store/civil_day.h"

namespace yilian::scheduling {
namespace {

using mysql::Query;
using rota::Rota;

constexpr Query kInsertRota{
    "scheduling.InsertRota",
    "INSERT INTO rota (rota_id, organization_id, code, first_day, weeks, state, phase, failure, "
    "cost, bound, visits, unmet, violations, problem, claim_epoch, claim_until, version, "
    "created_at) VALUES (?, ?, ?, ?, ?, ?, 0, '', 0, 0, 0, 0, 0, ?, 0, UTC_TIMESTAMP(6), ?, ?)"};

#define YILIAN_ROTA_COLUMNS                                                                \
  "rota_id, organization_id, code, first_day, weeks, state, phase, failure, cost, bound, " \
  "visits, unmet, violations, published_at, created_at, version"
// Primary key.
constexpr Query kLoadRota{"scheduling.LoadRota", "SELECT " YILIAN_ROTA_COLUMNS
                                                 ", claim_epoch, problem, plan FROM rota WHERE "
                                                 "rota_id = ?"};
constexpr Query kLockRota{"scheduling.LockRota", "SELECT " YILIAN_ROTA_COLUMNS
                                                 ", claim_epoch, problem, plan FROM rota WHERE "
                                                 "rota_id = ? FOR UPDATE"};
// Index: ix_rota__organization_id. An id is as old as its rota.
constexpr Query kListRotas{"scheduling.ListRotas",
                           "SELECT " YILIAN_ROTA_COLUMNS
                           " FROM rota WHERE organization_id = ? AND rota_id < ? ORDER BY rota_id "
                           "DESC LIMIT ?"};
constexpr Query kListNewestRotas{"scheduling.ListNewestRotas",
                                 "SELECT " YILIAN_ROTA_COLUMNS
                                 " FROM rota WHERE organization_id = ? ORDER BY rota_id DESC "
                                 "LIMIT ?"};
constexpr Query kSaveRota{
    "scheduling.SaveRota",
    "UPDATE rota SET state = ?, phase = ?, failure = ?, cost = ?, bound = ?, visits = ?, unmet = "
    "?, violations = ?, published_first_day = ?, published_at = ?, version = ? WHERE rota_id = ? "
    "AND version = ?"};
constexpr Query kSaveRotaPlan{"scheduling.SaveRotaPlan",
                              "UPDATE rota SET plan = ? WHERE rota_id = ?"};
// Index: uq_rota__organization_id_code_published_first_day.
constexpr Query kFindPublishedRota{
    "scheduling.FindPublishedRota",
    "SELECT rota_id FROM rota WHERE organization_id = ? AND code = ? AND published_first_day = ?"};
// Index: uq_rota__organization_id_code_published_first_day, its first two columns.
constexpr Query kLockRotaLine{"scheduling.LockRotaLine",
                              "SELECT rota_id FROM rota WHERE organization_id = ? AND code = ? AND "
                              "first_day = ? ORDER BY rota_id FOR UPDATE"};

// Index: ix_rota__state_claim_until.
constexpr Query kFindWaitingRota{
    "scheduling.FindWaitingRota",
    "SELECT rota_id, claim_epoch FROM rota WHERE state = 'PLANNING' AND claim_until <= "
    "UTC_TIMESTAMP(6) ORDER BY claim_until LIMIT 1 FOR UPDATE SKIP LOCKED"};
constexpr Query kClaimRota{
    "scheduling.ClaimRota",
    "UPDATE rota SET claim_epoch = ?, claim_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND "
    "WHERE rota_id = ?"};
constexpr Query kKeepRotaClaim{
    "scheduling.KeepRotaClaim",
    "UPDATE rota SET claim_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, phase = ?, cost = ?, "
    "bound = ? WHERE rota_id = ? AND claim_epoch = ? AND state = 'PLANNING'"};
constexpr Query kGiveUpRotaClaim{
    "scheduling.GiveUpRotaClaim",
    "UPDATE rota SET claim_until = UTC_TIMESTAMP(6) WHERE rota_id = ? AND claim_epoch = ? AND "
    "state = 'PLANNING'"};

constexpr Query kInsertRotaSession{
    "scheduling.InsertRotaSession",
    "INSERT INTO rota_session (session_id, rota_id, practitioner_id, station_id, specialty, "
    "visit_day) VALUES (?, ?, ?, ?, ?, ?)"};
// Index: ix_rota_session__rota_id.
constexpr Query kSessionsOfRota{
    "scheduling.SessionsOfRota",
    "SELECT session_id, practitioner_id, station_id, specialty, visit_day FROM rota_session WHERE "
    "rota_id = ? ORDER BY session_id"};
constexpr Query kMoveRotaSession{"scheduling.MoveRotaSession",
                                 "UPDATE rota_session SET rota_id = ? WHERE session_id = ?"};
constexpr Query kRemoveRotaSession{"scheduling.RemoveRotaSession",
                                   "DELETE FROM rota_session WHERE session_id = ?"};

int PhaseNumber(const std::optional<rota::Phase>& phase) {
  return phase ? static_cast<int>(*phase) : 0;
}

// Costs are whole; a bound is rounded down, so that it stays one.
int64_t Whole(double cost) {
  return std::isfinite(cost) ? static_cast<int64_t>(std::floor(cost)) : 0;
}

Rota MakeRota(const mysql::Row& row) {
  Rota rota;
  rota.id = row.Id<RotaId>(0);
  rota.organization = row.Id<OrganizationId>(1);
  rota.code = row.Text(2);
  rota.first_day = FromSqlDate(row.Text(3));
  rota.weeks = static_cast<int>(row.Int(4));
  rota.state = rota::StateFromName(row.Text(5)).value_or(rota::State::kFailed);
  if (row.Int(6) != 0) rota.phase = static_cast<rota::Phase>(row.Int(6));
  rota.failure = row.Text(7);
  rota.cost = row.Int(8);
  rota.bound = row.Int(9);
  rota.visits = row.Int(10);
  rota.unmet = row.Int(11);
  rota.violations = row.Int(12);
  rota.published_at = row.OptionalTime(13);
  rota.created_at = row.Time(14);
  rota.version = row.Int(15);
  return rota;
}

RotaRow MakeRotaRow(const mysql::Row& row) {
  return {.rota = MakeRota(row),
          .problem = row.Bytes(17),
          .plan = row.Bytes(18),
          .claim_epoch = row.Int(16)};
}

}  // namespace

absl::Status InsertRota(mysql::Session& sql, const Rota& rota, const std::string& problem) {
  return sql
      .Execute(kInsertRota, rota.id, rota.organization, rota.code, ToSqlDate(rota.first_day),
               rota.weeks, Name(rota.state), mysql::Blob{problem}, rota.version, rota.created_at)
      .status();
}

absl::StatusOr<std::optional<RotaRow>> LoadRota(mysql::Session& sql, RotaId id) {
  return sql.SelectOne<RotaRow>(kLoadRota, MakeRotaRow, id);
}

absl::StatusOr<std::optional<RotaRow>> LockRota(mysql::Session& sql, RotaId id) {
  return sql.SelectOne<RotaRow>(kLockRota, MakeRotaRow, id);
}

absl::StatusOr<std::vector<Rota>> ListRotas(mysql::Session& sql, OrganizationId organization,
                                            RotaId before, int limit) {
  if (before.is_nil()) {
    return sql.SelectAll<Rota>(kListNewestRotas, MakeRota, organization, limit);
  }
  return sql.SelectAll<Rota>(kListRotas, MakeRota, organization, before, limit);
}

absl::Status SaveRota(mysql::Session& sql, const Rota& rota) {
  const bool published = rota.state == rota::State::kPublished;
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kSaveRota, Name(rota.state), PhaseNumber(rota.phase), rota.failure,
                               rota.cost, rota.bound, rota.visits, rota.unmet, rota.violations,
                               ToSqlDate(published ? std::optional(rota.first_day) : std::nullopt),
                               rota.published_at, rota.version, rota.id, rota.version - 1));
  return rows == 1 ? absl::OkStatus() : absl::InternalError("a locked rota changed under its lock");
}

absl::Status SaveRotaPlan(mysql::Session& sql, RotaId id, const std::string& plan) {
  return sql.Execute(kSaveRotaPlan, mysql::Blob{plan}, id).status();
}

absl::StatusOr<std::optional<RotaId>> FindPublishedRota(mysql::Session& sql, const Rota& like) {
  return sql.SelectOne<RotaId>(
      kFindPublishedRota, [](const mysql::Row& row) { return row.Id<RotaId>(0); },
      like.organization, like.code, ToSqlDate(like.first_day));
}

absl::Status LockRotaLine(mysql::Session& sql, const Rota& like) {
  return sql.SelectValues(kLockRotaLine, {like.organization, like.code, ToSqlDate(like.first_day)},
                          [](const mysql::Row& /*row*/) { return absl::OkStatus(); });
}

absl::StatusOr<std::optional<RotaClaim>> ClaimRota(mysql::Session& sql, absl::Duration lease) {
  ASSIGN_OR_RETURN(std::optional<RotaClaim> claim,
                   sql.SelectOne<RotaClaim>(kFindWaitingRota, [](const mysql::Row& row) {
                     return RotaClaim{row.Id<RotaId>(0), row.Int(1) + 1};
                   }));
  if (!claim) return claim;
  RETURN_IF_ERROR(
      sql.Execute(kClaimRota, claim->epoch, absl::ToInt64Microseconds(lease), claim->rota)
          .status());
  return claim;
}

absl::StatusOr<bool> KeepRotaClaim(mysql::Session& sql, const RotaClaim& claim,
                                   absl::Duration lease, const rota::Progress& progress) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kKeepRotaClaim, absl::ToInt64Microseconds(lease),
                               static_cast<int>(progress.phase), Whole(progress.cost),
                               Whole(progress.bound), claim.rota, claim.epoch));
  return rows == 1;
}

absl::Status GiveUpRotaClaim(mysql::Session& sql, const RotaClaim& claim) {
  return sql.Execute(kGiveUpRotaClaim, claim.rota, claim.epoch).status();
}

absl::Status InsertRotaSession(mysql::Session& sql, RotaId rota, const RotaSession& made) {
  return sql
      .Execute(kInsertRotaSession, made.session, rota, made.practitioner, made.station,
               made.specialty, ToSqlDate(made.day))
      .status();
}

absl::StatusOr<std::vector<RotaSession>> SessionsOfRota(mysql::Session& sql, RotaId rota) {
  return sql.SelectAll<RotaSession>(
      kSessionsOfRota,
      [](const mysql::Row& row) {
        return RotaSession{row.Id<SessionId>(0), row.Id<PractitionerId>(1),
                           row.Id<OrganizationId>(2), row.Text(3), FromSqlDate(row.Text(4))};
      },
      rota);
}

absl::Status MoveRotaSession(mysql::Session& sql, SessionId session, RotaId rota) {
  return sql.Execute(kMoveRotaSession, rota, session).status();
}

absl::Status RemoveRotaSession(mysql::Session& sql, SessionId session) {
  return sql.Execute(kRemoveRotaSession, session).status();
}

}  // namespace yilian::scheduling
