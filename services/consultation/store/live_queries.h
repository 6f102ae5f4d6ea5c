// The statements of live sessions, by name, with the index that serves each.
#pragma once

#include "common/mysql/query.h"
#include "common/mysql/shaped.h"

namespace yilian::consultation::queries {

// In the order that mysql_live_session_store.cc expects.
#define YILIAN_LIVE_SESSION                                                                       \
  "SELECT s.live_session_id, s.consultation_id, s.opened_by_practitioner_id, s.opened_at, "       \
  "s.ended_at, s.last_number, c.patient_id, c.requesting_organization_id, "                       \
  "c.consulted_organization_id, c.requesting_practitioner_id, c.expert_practitioner_id, c.state " \
  "FROM live_session s JOIN consultation c ON c.consultation_id = s.consultation_id "
// Index: primary keys.
inline constexpr mysql::Query kGetLiveSession{"consultation.GetLiveSession",
                                              YILIAN_LIVE_SESSION "WHERE s.live_session_id = ?"};
// Index: uq_live_session__open.
inline constexpr mysql::Query kOpenSessionOf{
    "consultation.OpenSessionOf", YILIAN_LIVE_SESSION "WHERE s.open_consultation_id = ?"};
// Index: ix_live_session__consultation.
inline constexpr mysql::Query kListLiveSessions{
    "consultation.ListLiveSessions",
    YILIAN_LIVE_SESSION "WHERE s.consultation_id = ? ORDER BY s.opened_at DESC LIMIT 100"};
// The session's row alone: entries of a session come one after the other, its consultation is not
// held up. Index: primary key.
inline constexpr mysql::Query kLockLiveSession{
    "consultation.LockLiveSession",
    "SELECT last_number FROM live_session WHERE live_session_id = ? FOR UPDATE"};
inline constexpr mysql::Query kInsertLiveSession{
    "consultation.InsertLiveSession",
    "INSERT INTO live_session (live_session_id, consultation_id, opened_by_practitioner_id, "
    "opened_at, last_number) VALUES (?, ?, ?, ?, 0)"};
inline constexpr mysql::Query kAdvanceLiveSession{
    "consultation.AdvanceLiveSession",
    "UPDATE live_session SET last_number = ?, ended_at = ? WHERE live_session_id = ?"};

#define YILIAN_PARTICIPANT_COLUMNS                                                             \
  "practitioner_id, organization_id, standing, moderator, muted, hand_raised, connection_id, " \
  "replica_id"
// Index: primary key.
inline constexpr mysql::Query kGetParticipant{
    "consultation.GetParticipant",
    "SELECT " YILIAN_PARTICIPANT_COLUMNS
    " FROM live_participant WHERE live_session_id = ? AND practitioner_id = ?"};
// Index: primary key. Nobody but practitioners of two organizations comes.
inline constexpr mysql::Query kRoll{"consultation.Roll",
                                    "SELECT " YILIAN_PARTICIPANT_COLUMNS
                                    " FROM live_participant WHERE live_session_id = ?"};
inline constexpr mysql::Query kInsertParticipant{
    "consultation.InsertParticipant",
    "INSERT INTO live_participant (organization_id, standing, moderator, muted, hand_raised, "
    "connection_id, replica_id, live_session_id, practitioner_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
    "?)"};
inline constexpr mysql::Query kUpdateParticipant{
    "consultation.UpdateParticipant",
    "UPDATE live_participant SET organization_id = ?, standing = ?, moderator = ?, muted = ?, "
    "hand_raised = ?, connection_id = ?, replica_id = ? WHERE live_session_id = ? AND "
    "practitioner_id = ?"};

#define YILIAN_ENTRY_COLUMNS                                                           \
  "live_session_id, entry_number, kind, practitioner_id, organization_id, moderator, " \
  "subject_practitioner_id, text, occurred_at, request_id, connection_id, replica_id"
inline constexpr mysql::Query kInsertEntry{"consultation.InsertEntry",
                                           "INSERT INTO transcript_entry (" YILIAN_ENTRY_COLUMNS
                                           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key.
inline constexpr mysql::Query kEntries{
    "consultation.Entries", "SELECT " YILIAN_ENTRY_COLUMNS
                            " FROM transcript_entry WHERE live_session_id = ? AND entry_number > ? "
                            "ORDER BY entry_number LIMIT ?"};
// With a list of sessions. Index: primary key.
inline const mysql::Shaped& LastNumbers() {
  static const mysql::Shaped* const shapes =
      new mysql::Shaped("consultation.LastNumbers", {1, 8, 64, 256}, [](size_t length) {
        return "SELECT live_session_id, last_number FROM live_session WHERE live_session_id IN (" +
               mysql::Places(length) + ")";
      });
  return *shapes;
}

// Index: primary key.
inline constexpr mysql::Query kRenewReplica{
    "consultation.RenewReplica",
    "UPDATE live_replica SET seen_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, target = ? "
    "WHERE replica_id = ?"};
inline constexpr mysql::Query kInsertReplica{
    "consultation.InsertReplica",
    "INSERT INTO live_replica (seen_until, target, replica_id) VALUES (UTC_TIMESTAMP(6) + INTERVAL "
    "? MICROSECOND, ?, ?)"};
// Index: ix_live_replica__seen_until.
inline constexpr mysql::Query kReplicas{
    "consultation.Replicas",
    "SELECT replica_id, target FROM live_replica WHERE seen_until > UTC_TIMESTAMP(6)"};
// Index: ix_live_replica__seen_until, ix_live_participant__replica.
inline constexpr mysql::Query kLapsedConnections{
    "consultation.LapsedConnections",
    "SELECT p.live_session_id, p.practitioner_id, p.connection_id FROM live_replica r JOIN "
    "live_participant p ON p.replica_id = r.replica_id WHERE r.seen_until <= UTC_TIMESTAMP(6) "
    "LIMIT 50"};
// By then every connection of it has been found lapsed. Index: ix_live_replica__seen_until.
inline constexpr mysql::Query kForgetReplicas{
    "consultation.ForgetReplicas",
    "DELETE FROM live_replica WHERE seen_until < UTC_TIMESTAMP(6) - INTERVAL 1 DAY"};

}  // namespace yilian::consultation::queries
