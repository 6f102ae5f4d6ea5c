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
  "reason_comment, escalated, updated_at, version, centre_id, draft_practitioner_id, "         \
  "clock_seconds, tier, receipt_due_at, received_at, receipt_overdue, parked_at, "             \
  "second_reading_required, first_reader_signs, first_reader_id, second_reader_id, verdict, "  \
  "discrepancy, discrepancy_comment"

// Index: primary key.
inline constexpr Query kGet{"consultation.Get", "SELECT " YILIAN_CONSULTATION_COLUMNS
                                                " FROM consultation WHERE consultation_id = ?"};
inline constexpr Query kGetForUpdate{"consultation.GetForUpdate",
                                     "SELECT " YILIAN_CONSULTATION_COLUMNS
                                     " FROM consultation WHERE consultation_id = ? FOR UPDATE"};
inline constexpr Query kInsert{
    "consultation.Insert", "INSERT INTO consultation (" YILIAN_CONSULTATION_COLUMNS
                           ", is_open, worklist_at, worklist_rank) VALUES (?, ?, ?, ?, ?, ?, "
                           "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                           "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                           "?, ?, ?, ?, ?)"};
// Index: primary key; no row: somebody was faster.
inline constexpr Query kUpdate{
    "consultation.Update",
    "UPDATE consultation SET state = ?, expert_practitioner_id = ?, due_at = ?, lease_until = ?, "
    "lease_epoch = ?, draft_findings = ?, draft_impression = ?, draft_advice = ?, draft_refer_up = "
    "?, opinion_version = ?, reason = ?, reason_comment = ?, escalated = ?, updated_at = ?, "
    "version = "
    "?, centre_id = ?, draft_practitioner_id = ?, clock_seconds = ?, tier = ?, receipt_due_at = ?, "
    "received_at = ?, receipt_overdue = ?, parked_at = ?, second_reading_required = ?, "
    "first_reader_signs = ?, first_reader_id = ?, second_reader_id = ?, verdict = ?, discrepancy = "
    "?, discrepancy_comment "
    "= ?, is_open = ?, worklist_at = ?, worklist_rank = ? WHERE consultation_id = ? AND version = "
    "?"};

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

// Index: primary key of reading.
inline constexpr Query kGetReadings{
    "consultation.GetReadings",
    "SELECT reading_number, practitioner_id, read_at, findings, impression, advice, refer_up FROM "
    "reading WHERE consultation_id = ? ORDER BY reading_number"};
inline constexpr Query kInsertReading{
    "consultation.InsertReading",
    "INSERT INTO reading (consultation_id, reading_number, practitioner_id, read_at, findings, "
    "impression, advice, refer_up) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};

// Whom a study with a second reading is for: Consultation::CheckTakesUp says the same. Without a
// reader (the first parameter is false) only what is for everybody.
#define YILIAN_TAKES_UP                                                                            \
  " AND (first_reader_id IS NULL OR (? AND ((verdict = 0 AND first_reader_id <> ?) OR (verdict > " \
  "0 AND (tier > 0 OR IF(first_reader_signs, first_reader_id, second_reader_id) = ?)))))"
// The most pressing free one of a kind (0: of no centre). SKIP LOCKED: readers take different ones
// instead of queueing for the first. Index: ix_consultation__offer, whose order it is.
inline constexpr Query kTakeRequested{
    "consultation.TakeRequested",
    "SELECT consultation_id FROM consultation FORCE INDEX (ix_consultation__offer) WHERE queue_id "
    "= ? AND offer_kind = ? AND state = 'REQUESTED'" YILIAN_TAKES_UP
    " ORDER BY worklist_rank, worklist_at, consultation_id LIMIT 1 FOR UPDATE SKIP LOCKED"};
// The key of that one, as it stands. Index: ix_consultation__offer.
inline constexpr Query kHeadOfRequested{
    "consultation.HeadOfRequested",
    "SELECT worklist_rank, worklist_at, consultation_id FROM consultation FORCE INDEX "
    "(ix_consultation__offer) WHERE queue_id = ? AND offer_kind = ? AND state = "
    "'REQUESTED'" YILIAN_TAKES_UP " ORDER BY worklist_rank, worklist_at, consultation_id LIMIT 1"};
// What is offered again. Only what is in hand has a lease, so that these are few; the first ones
// are enough to try. Index: ix_consultation__lease.
inline constexpr Query kLapsed{
    "consultation.Lapsed",
    "SELECT worklist_rank, worklist_at, consultation_id, offer_kind FROM consultation FORCE INDEX "
    "(ix_consultation__lease) WHERE queue_id = ? AND lease_until <= ?" YILIAN_TAKES_UP
    " ORDER BY worklist_rank, worklist_at, consultation_id LIMIT 30"};
// Index: primary key; no row: somebody else is at it.
inline constexpr Query kTakeLapsed{
    "consultation.TakeLapsed",
    "SELECT consultation_id FROM consultation WHERE consultation_id = ? AND lease_until <= ? FOR "
    "UPDATE SKIP LOCKED"};
// Index: ix_consultation__lease.
inline constexpr Query kHeldBy{
    "consultation.HeldBy",
    "SELECT consultation_id FROM consultation FORCE INDEX (ix_consultation__lease) WHERE queue_id "
    "= ? AND lease_until > ? AND expert_practitioner_id = ? ORDER BY consultation_id"};

// What nobody has taken yet, of a patient. Index: ix_consultation__patient.
inline constexpr Query kWaitingOfPatient{
    "consultation.WaitingOfPatient",
    "SELECT consultation_id, consulted_organization_id FROM consultation WHERE patient_id = ? AND "
    "state = 'REQUESTED' ORDER BY consultation_id"};

// Worklists: keyset pages on (worklist_rank, worklist_at, consultation_id).
#define YILIAN_CONSULTATION_PAGE                                                                \
  " AND (worklist_rank > ? OR (worklist_rank = ? AND (worklist_at > ? OR (worklist_at = ? AND " \
  "consultation_id > ?)))) ORDER BY worklist_rank, worklist_at, consultation_id LIMIT ?"
// Index: ix_consultation__offer.
inline constexpr Query kListToClaim{
    "consultation.ListToClaim",
    "SELECT " YILIAN_CONSULTATION_COLUMNS
    " FROM consultation FORCE INDEX (ix_consultation__offer) WHERE queue_id = ? AND offer_kind = 0 "
    "AND state = 'REQUESTED'" YILIAN_CONSULTATION_PAGE};
// Index: ix_consultation__worklist.
inline constexpr Query kListReading{
    "consultation.ListReading",
    "SELECT " YILIAN_CONSULTATION_COLUMNS
    " FROM consultation FORCE INDEX (ix_consultation__worklist) WHERE queue_id = ? AND on_worklist "
    "= TRUE" YILIAN_CONSULTATION_PAGE};
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
