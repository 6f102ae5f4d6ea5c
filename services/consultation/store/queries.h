// Every statement of the consultation schema, by name, with the index that serves it.
#pragma once

#include "common/mysql/query.h"

namespace yilian::consultation::queries {

using mysql::Query;

// One list for reading, in the order that rows.cc expects.
#define YILIAN_CONSULTATION_COLUMNS                                                            \
  "consultation_id, patient_id, kind, urgency, state, requesting_organization_id, "            \
  "requesting_practitioner_id, consulted_organization_id, specialty, expert_practitioner_id, " \
  "question, evidence, referral_id, requested_at, due_at, lease_until, lease_epoch, "          \
  "draft_findings, draft_impression, draft_advice, draft_refer_up, opinion_version, reason, "  \
  "reason_comment, escalated, updated_at, version"

// Index: primary key.
inline constexpr Query kGet{"consultation.Get", "SELECT " YILIAN_CONSULTATION_COLUMNS
                                                " FROM consultation WHERE consultation_id = ?"};
inline constexpr Query kGetForUpdate{"consultation.GetForUpdate",
                                     "SELECT " YILIAN_CONSULTATION_COLUMNS
                                     " FROM consultation WHERE consultation_id = ? FOR UPDATE"};
inline constexpr Query kInsert{"consultation.Insert",
                               "INSERT INTO consultation (" YILIAN_CONSULTATION_COLUMNS
                               ", is_open, worklist_at, worklist_rank) VALUES (?, ?, ?, ?, ?, ?, "
                               "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                               "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key; no row: somebody was faster.
inline constexpr Query kUpdate{
    "consultation.Update",
    "UPDATE consultation SET state = ?, expert_practitioner_id = ?, due_at = ?, lease_until = ?, "
    "lease_epoch = ?, draft_findings = ?, draft_impression = ?, draft_advice = ?, draft_refer_up = "
    "?, "
    "opinion_version = ?, reason = ?, reason_comment = ?, escalated = ?, updated_at = ?, version = "
    "?, "
    "is_open = ?, worklist_at = ?, worklist_rank = ? WHERE consultation_id = ? AND version = ?"};

// Index: primary key of opinion, unique key of signing_key.
inline constexpr Query kGetOpinion{"consultation.GetOpinion",
                                   "SELECT o.practitioner_id, o.signed_at, o.signed_bytes, "
                                   "o.signature, o.key_id, k.public_key FROM opinion o "
                                   "JOIN signing_key k ON k.key_id = o.key_id WHERE "
                                   "o.consultation_id = ? AND o.opinion_version = ?"};
inline constexpr Query kInsertOpinion{"consultation.InsertOpinion",
                                      "INSERT INTO opinion (consultation_id, opinion_version, "
                                      "practitioner_id, signed_at, signed_bytes, signature, "
                                      "key_id) VALUES (?, ?, ?, ?, ?, ?, ?)"};

// The most pressing one that is free, or whose lease has run out. SKIP LOCKED: readers take
// different ones instead of queueing for the first. Index: ix_consultation__consulted.
inline constexpr Query kTakeRequested{
    "consultation.TakeRequested",
    "SELECT consultation_id FROM consultation WHERE consulted_organization_id = ? AND state = "
    "'REQUESTED' "
    "ORDER BY worklist_rank, worklist_at, consultation_id LIMIT 1 FOR UPDATE SKIP LOCKED"};
// Index: ix_consultation__consulted, a range per state of those in work: few.
inline constexpr Query kTakeLapsed{"consultation.TakeLapsed",
                                   "SELECT consultation_id FROM consultation WHERE "
                                   "consulted_organization_id = ? AND state IN ('ASSIGNED', "
                                   "'OPINION_DRAFTED') AND lease_until <= ? ORDER BY "
                                   "worklist_rank, worklist_at, consultation_id LIMIT 1 FOR UPDATE "
                                   "SKIP LOCKED"};

// What nobody has taken yet, of a patient. Index: ix_consultation__patient.
inline constexpr Query kWaitingOfPatient{
    "consultation.WaitingOfPatient",
    "SELECT consultation_id, consulted_organization_id FROM consultation WHERE patient_id = ? AND "
    "state = 'REQUESTED' ORDER BY consultation_id"};

// Worklists: keyset pages on (worklist_rank, worklist_at, consultation_id).
#define YILIAN_CONSULTATION_PAGE                                                                \
  " AND (worklist_rank > ? OR (worklist_rank = ? AND (worklist_at > ? OR (worklist_at = ? AND " \
  "consultation_id > ?)))) ORDER BY worklist_rank, worklist_at, consultation_id LIMIT ?"
// Index: ix_consultation__consulted.
inline constexpr Query kListToClaim{
    "consultation.ListToClaim",
    "SELECT " YILIAN_CONSULTATION_COLUMNS
    " FROM consultation WHERE consulted_organization_id = ? AND state = "
    "'REQUESTED'" YILIAN_CONSULTATION_PAGE};
// Index: ix_consultation__expert.
inline constexpr Query kListMine{
    "consultation.ListMine", "SELECT " YILIAN_CONSULTATION_COLUMNS
                             " FROM consultation WHERE expert_practitioner_id = ? AND is_open = "
                             "TRUE" YILIAN_CONSULTATION_PAGE};
// Index: ix_consultation__requesting.
inline constexpr Query kListRequested{
    "consultation.ListRequested",
    "SELECT " YILIAN_CONSULTATION_COLUMNS
    " FROM consultation WHERE requesting_organization_id = ? AND is_open = "
    "TRUE" YILIAN_CONSULTATION_PAGE};
// Index: ix_consultation__requesting_state.
inline constexpr Query kListToAcknowledge{
    "consultation.ListToAcknowledge",
    "SELECT " YILIAN_CONSULTATION_COLUMNS
    " FROM consultation WHERE requesting_organization_id = ? AND state = "
    "'SIGNED'" YILIAN_CONSULTATION_PAGE};

// Index: primary key.
inline constexpr Query kGetKey{
    "consultation.GetKey",
    "SELECT key_id, private_key, public_key FROM signing_key WHERE practitioner_id = ?"};
inline constexpr Query kInsertKey{"consultation.InsertKey",
                                  "INSERT INTO signing_key (practitioner_id, key_id, private_key, "
                                  "public_key, created_at) VALUES (?, ?, ?, ?, ?)"};

}  // namespace yilian::consultation::queries
