// Rows of rotas and of the sessions that their visits became. Functions run in the session that
// they are given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/rota/rota_store.h"

namespace yilian::scheduling {

// A rota with its blobs.
struct RotaRow {
  rota::Rota rota;
  std::string problem;
  std::string plan;  // "": none yet
  int64_t claim_epoch = 0;
};

// In kPlanning; a planner may claim it at once.
absl::Status InsertRota(mysql::Session& sql, const rota::Rota& rota, const std::string& problem);
absl::StatusOr<std::optional<RotaRow>> LoadRota(mysql::Session& sql, RotaId id);
absl::StatusOr<std::optional<RotaRow>> LockRota(mysql::Session& sql, RotaId id);
// Without blobs, the newest first.
absl::StatusOr<std::vector<rota::Rota>> ListRotas(mysql::Session& sql, OrganizationId organization,
                                                  RotaId before, int limit);
// Stores `rota`, whose version is one above the row's; the row is locked.
absl::Status SaveRota(mysql::Session& sql, const rota::Rota& rota);
absl::Status SaveRotaPlan(mysql::Session& sql, RotaId id, const std::string& plan);

// The published rota of the same organization, code and first day; nullopt: none.
absl::StatusOr<std::optional<RotaId>> FindPublishedRota(mysql::Session& sql,
                                                        const rota::Rota& like);
// Locks all rotas of that line, whoever publishes one of them: they follow each other.
absl::Status LockRotaLine(mysql::Session& sql, const rota::Rota& like);

// Planners' claims, by the database's clock.
struct RotaClaim {
  RotaId rota;
  int64_t epoch = 0;
};
// The rota that waited longest, for `lease`; nullopt: none waits. Locks its row.
absl::StatusOr<std::optional<RotaClaim>> ClaimRota(mysql::Session& sql, absl::Duration lease);
// Goes on for `lease` and tells how far it is. False: the claim is lost, or nobody wants the rota.
absl::StatusOr<bool> KeepRotaClaim(mysql::Session& sql, const RotaClaim& claim,
                                   absl::Duration lease, const rota::Progress& progress);
// Another planner may claim it at once.
absl::Status GiveUpRotaClaim(mysql::Session& sql, const RotaClaim& claim);

// The session that a visit of the rota became.
struct RotaSession {
  SessionId session;
  PractitionerId practitioner;
  OrganizationId station;
  std::string specialty;
  absl::CivilDay day;
};
absl::Status InsertRotaSession(mysql::Session& sql, RotaId rota, const RotaSession& made);
absl::StatusOr<std::vector<RotaSession>> SessionsOfRota(mysql::Session& sql, RotaId rota);
// The session goes on as one of `rota`.
absl::Status MoveRotaSession(mysql::Session& sql, SessionId session, RotaId rota);
absl::Status RemoveRotaSession(mysql::Session& sql, SessionId session);

}  // namespace yilian::scheduling
