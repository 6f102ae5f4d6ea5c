#include "services/consultation/store/mysql_live_session_store.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "services/consultation/domain/errors.h"
#include "services/consultation/domain/live_session_errors.h"
#include "services/consultation/store/live_queries.h"
#include "services/consultation/store/records.h"
#include "yilian/consultation/v1/live_session.pb.h"

namespace yilian::consultation {
namespace {

using mysql::OrNull;

absl::StatusOr<LiveSession> SessionFromRow(const mysql::Row& row) {
  const std::optional<State> state = StateFromName(row.Text(11));
  if (!state) return absl::InternalError("a consultation row has a state unknown to this binary");
  return LiveSession{.id = row.Id<LiveSessionId>(0),
                     .consultation = row.Id<ConsultationId>(1),
                     .opened_by = row.Id<PractitionerId>(2),
                     .opened_at = row.Time(3),
                     .ended_at = row.OptionalTime(4),
                     .last_number = row.Int(5),
                     .patient = row.Id<PatientId>(6),
                     .requesting_organization = row.Id<OrganizationId>(7),
                     .consulted_organization = row.Id<OrganizationId>(8),
                     .requesting_practitioner = row.Id<PractitionerId>(9),
                     .expert = row.Id<PractitionerId>(10),
                     .consultation_over = IsTerminal(*state)};
}

Participant ParticipantFromRow(const mysql::Row& row) {
  return {.practitioner = row.Id<PractitionerId>(0),
          .organization = row.Id<OrganizationId>(1),
          .standing = static_cast<LiveStanding>(row.Int(2)),
          .moderator = row.Bool(3),
          .muted = row.Bool(4),
          .hand_raised = row.Bool(5),
          .connection = row.Id<ConnectionId>(6),
          .replica = row.Id<ReplicaId>(7)};
}

TranscriptEntry EntryFromRow(const mysql::Row& row) {
  return {.session = row.Id<LiveSessionId>(0),
          .number = row.Int(1),
          .kind = static_cast<EntryKind>(row.Int(2)),
          .by = row.Id<PractitionerId>(3),
          .organization = row.Id<OrganizationId>(4),
          .moderator = row.Bool(5),
          .subject = row.Id<PractitionerId>(6),
          .text = row.Text(7),
          .at = row.Time(8),
          .request = row.Id(9),
          .connection = row.Id<ConnectionId>(10),
          .replica = row.Id<ReplicaId>(11)};
}

outbox::NewEvent EventOf(const LiveSession& session, absl::Time at) {
  v1::LiveSessionChanged payload;
  payload.set_live_session_id(session.id.ToString());
  payload.set_consultation_id(session.consultation.ToString());
  payload.set_ended(session.ended_at.has_value());
  outbox::NewEvent event = outbox::NewEvent::Of(
      "live_session", session.id.uuid(), session.ended_at ? 2 : 1, payload, at,
      {session.requesting_organization.uuid(), session.consulted_organization.uuid()});
  event.type = session.ended_at ? "LiveSessionEnded" : "LiveSessionOpened";
  return event;
}

// Locked until the transaction ends; nullopt: there is none.
absl::StatusOr<std::optional<LiveSession>> Lock(mysql::Session& sql, LiveSessionId id) {
  ASSIGN_OR_RETURN(
      const std::optional<int64_t> locked,
      sql.SelectOne<int64_t>(
          queries::kLockLiveSession, [](const mysql::Row& row) { return row.Int(0); }, id));
  if (!locked) return std::nullopt;
  return sql.SelectOne<LiveSession>(queries::kGetLiveSession, SessionFromRow, id);
}

absl::StatusOr<LiveSession> LockFor(mysql::Session& sql, LiveSessionId id, OrganizationId party) {
  ASSIGN_OR_RETURN(std::optional<LiveSession> session, Lock(sql, id));
  if (!session || !session->IsParty(party)) return errors::NotFound();
  return *session;
}

absl::StatusOr<std::optional<Participant>> ParticipantOf(mysql::Session& sql, LiveSessionId id,
                                                         PractitionerId who) {
  if (who.is_nil()) return std::nullopt;
  return sql.SelectOne<Participant>(queries::kGetParticipant, ParticipantFromRow, id, who);
}

absl::Status Write(mysql::Session& sql, const SessionChange& change, bool is_new) {
  const TranscriptEntry& e = change.entry;
  RETURN_IF_ERROR(sql.Execute(queries::kInsertEntry, e.session, e.number, static_cast<int>(e.kind),
                              e.by, e.organization, e.moderator, OrNull(e.subject), e.text, e.at,
                              OrNull(e.request), OrNull(e.connection), OrNull(e.replica))
                      .status());
  RETURN_IF_ERROR(sql.Execute(queries::kAdvanceLiveSession, change.after.last_number,
                              change.after.ended_at, change.after.id)
                      .status());
  const Participant& p = change.participant;
  return sql
      .Execute(is_new ? queries::kInsertParticipant : queries::kUpdateParticipant, p.organization,
               static_cast<int>(p.standing), p.moderator, p.muted, p.hand_raised,
               OrNull(p.connection), OrNull(p.replica), change.after.id, p.practitioner)
      .status();
}

}  // namespace

absl::StatusOr<std::string> MysqlLiveSessionStore::OpenBytes(
    const unit::WriteContext& context, ConsultationId consultation, const Actor& by,
    const wire::RespondBytes<LiveSession>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    // Locked, so that of two who open it at once one finds what the other opened.
    ASSIGN_OR_RETURN(const std::optional<Consultation> of,
                     records::Lock(scope.sql(), consultation));
    if (!of || !of->SideOf(by.organization)) return errors::NotFound();
    if (IsTerminal(of->state)) return errors::SessionEnded();
    scope.Subject("consultation", consultation.uuid(), of->patient.uuid());
    ASSIGN_OR_RETURN(
        const std::optional<LiveSession> open,
        scope.sql().SelectOne<LiveSession>(queries::kOpenSessionOf, SessionFromRow, consultation));
    if (open) return respond(*open);
    const LiveSession made{.id = LiveSessionId::New(scope.now()),
                           .consultation = consultation,
                           .opened_by = by.practitioner,
                           .opened_at = scope.now(),
                           .requesting_organization = of->requesting_organization,
                           .consulted_organization = of->consulted_organization};
    RETURN_IF_ERROR(scope.sql()
                        .Execute(queries::kInsertLiveSession, made.id, consultation, made.opened_by,
                                 made.opened_at)
                        .status());
    scope.Append(EventOf(made, scope.now()));
    return respond(made);
  });
}

absl::StatusOr<std::string> MysqlLiveSessionStore::JoinBytes(
    const unit::WriteContext& context, LiveSessionId session, const Actor& by,
    ConnectionId connection, ReplicaId replica, const wire::RespondBytes<Joined>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const LiveSession now, LockFor(scope.sql(), session, by.organization));
    scope.Subject("consultation", now.consultation.uuid(), now.patient.uuid());
    ASSIGN_OR_RETURN(const std::optional<Participant> before,
                     ParticipantOf(scope.sql(), session, by.practitioner));
    Joined joined;
    ASSIGN_OR_RETURN(joined.change, JoinSession(now, before, by, connection, replica, scope.now()));
    RETURN_IF_ERROR(Write(scope.sql(), joined.change, !before));
    ASSIGN_OR_RETURN(joined.roll, scope.sql().SelectAll<Participant>(queries::kRoll,
                                                                     ParticipantFromRow, session));
    return respond(joined);
  });
}

absl::StatusOr<std::string> MysqlLiveSessionStore::ActBytes(
    const unit::WriteContext& context, LiveSessionId session, const Actor& by,
    const SessionCommand& command, const wire::RespondBytes<TranscriptEntry>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const LiveSession now, LockFor(scope.sql(), session, by.organization));
    scope.Subject("consultation", now.consultation.uuid(), now.patient.uuid());
    ASSIGN_OR_RETURN(const std::optional<Participant> author,
                     ParticipantOf(scope.sql(), session, by.practitioner));
    if (!author) return errors::NotFound();
    ASSIGN_OR_RETURN(const std::optional<Participant> subject,
                     ParticipantOf(scope.sql(), session, command.subject));
    ASSIGN_OR_RETURN(const SessionChange change,
                     ActInSession(now, *author, subject, command, scope.now()));
    RETURN_IF_ERROR(Write(scope.sql(), change, false));
    if (change.after.ended_at) scope.Append(EventOf(change.after, scope.now()));
    return respond(change.entry);
  });
}

absl::StatusOr<std::optional<TranscriptEntry>> MysqlLiveSessionStore::Leave(
    const Connection& connection, absl::Time deadline) {
  using Left = std::optional<TranscriptEntry>;
  // Nobody asks again for it: should the answer to COMMIT be lost, the entry is read from the table
  // like any other, or the connection is found lapsed.
  return mysql::RunTransactionFor<Left>(
      unit_of_work_.pool(), {.name = "consultation.LeaveSession", .deadline = deadline},
      [&](mysql::Session& sql) -> absl::StatusOr<Left> {
        ASSIGN_OR_RETURN(const std::optional<LiveSession> now, Lock(sql, connection.session));
        if (!now) return Left();
        ASSIGN_OR_RETURN(const std::optional<Participant> who,
                         ParticipantOf(sql, connection.session, connection.practitioner));
        if (!who) return Left();
        const std::optional<SessionChange> change =
            LeaveSession(*now, *who, connection.id, unit_of_work_.clock().Now());
        if (!change) return Left();
        RETURN_IF_ERROR(Write(sql, *change, false));
        return Left(change->entry);
      });
}

absl::StatusOr<LiveSession> MysqlLiveSessionStore::Get(LiveSessionId id, OrganizationId party,
                                                       absl::Time deadline) {
  std::optional<LiveSession> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found,
                         sql.SelectOne<LiveSession>(queries::kGetLiveSession, SessionFromRow, id));
        return absl::OkStatus();
      }));
  if (!found || !found->IsParty(party)) return errors::NotFound();
  return *found;
}

absl::StatusOr<std::optional<Participant>> MysqlLiveSessionStore::FindParticipant(
    LiveSessionId id, PractitionerId who, absl::Time deadline) {
  std::optional<Participant> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, ParticipantOf(sql, id, who));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<LiveSession>> MysqlLiveSessionStore::List(ConsultationId consultation,
                                                                     OrganizationId party,
                                                                     absl::Time deadline) {
  std::vector<LiveSession> found;
  bool may = false;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(const std::optional<Consultation> of, records::Get(sql, consultation));
        may = of && of->SideOf(party);
        ASSIGN_OR_RETURN(found, sql.SelectAll<LiveSession>(queries::kListLiveSessions,
                                                           SessionFromRow, consultation));
        return absl::OkStatus();
      }));
  if (!may) return errors::NotFound();
  return found;
}

absl::StatusOr<std::vector<TranscriptEntry>> MysqlLiveSessionStore::Entries(LiveSessionId id,
                                                                            int64_t after,
                                                                            int limit,
                                                                            absl::Time deadline) {
  std::vector<TranscriptEntry> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, sql.SelectAll<TranscriptEntry>(queries::kEntries, EntryFromRow, id,
                                                               after, limit));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<Reached>> MysqlLiveSessionStore::LastNumbers(
    const std::vector<LiveSessionId>& ids, absl::Time deadline) {
  std::vector<Reached> found;
  for (size_t begin = 0; begin < ids.size();) {
    const mysql::Shaped::Shape& shape = queries::LastNumbers().AtLeast(ids.size() - begin);
    mysql::Values values;
    for (size_t i = 0; i < shape.length; ++i) {
      values.emplace_back(ids[std::min(begin + i, ids.size() - 1)]);
    }
    std::vector<Reached> some;
    RETURN_IF_ERROR(mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) {
      some.clear();
      return sql.SelectValues(shape.query(), values, [&](const mysql::Row& row) {
        some.emplace_back(row.Id<LiveSessionId>(0), row.Int(1));
        return absl::OkStatus();
      });
    }));
    found.insert(found.end(), some.begin(), some.end());
    begin += shape.length;
  }
  return found;
}

absl::Status MysqlLiveSessionStore::Renew(const Replica& self, absl::Duration lease,
                                          absl::Time deadline) {
  const int64_t microseconds = absl::ToInt64Microseconds(lease);
  return mysql::RunTransaction(
      unit_of_work_.pool(), {.name = "consultation.RenewReplica", .deadline = deadline},
      [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(const int64_t there,
                         sql.Execute(queries::kRenewReplica, microseconds, self.target, self.id));
        if (there > 0) return absl::OkStatus();
        RETURN_IF_ERROR(sql.Execute(queries::kForgetReplicas).status());
        return sql.Execute(queries::kInsertReplica, microseconds, self.target, self.id).status();
      });
}

absl::StatusOr<std::vector<Replica>> MysqlLiveSessionStore::Replicas(absl::Time deadline) {
  std::vector<Replica> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found,
                         sql.SelectAll<Replica>(queries::kReplicas, [](const mysql::Row& row) {
                           return Replica{row.Id<ReplicaId>(0), row.Text(1)};
                         }));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<Connection>> MysqlLiveSessionStore::Lapsed(absl::Time deadline) {
  std::vector<Connection> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(
            found,
            sql.SelectAll<Connection>(queries::kLapsedConnections, [](const mysql::Row& row) {
              return Connection{row.Id<LiveSessionId>(0), row.Id<PractitionerId>(1),
                                row.Id<ConnectionId>(2)};
            }));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace yilian::consultation
