// Every statement of the referral schema, by name, with the index that serves it.
#pragma once

#include "common/mysql/query.h"

namespace yilian::referral::queries {

using mysql::Query;

// One list for reading, in the order that rows.cc expects.
#define YILIAN_REFERRAL_COLUMNS                                                                    \
  "referral_id, patient_id, direction, channel, setting, urgency, state, "                         \
  "referring_organization_id, referring_practitioner_id, receiving_organization_id, "              \
  "receiving_department_id, complaint, history, diagnosis_system, diagnosis_code, "                \
  "diagnosis_display, treatment, question, citations, discharge_summary, medication, booking_id, " \
  "booking_session_id, booking_practitioner_id, booking_starts_at, booking_seat_number, reason, "  \
  "reason_comment, outcome_letter, follows_referral_id, patient_consented, submitted_at, "         \
  "first_response_at, response_due_at, arrived_at, completed_at, completed_in_time, "              \
  "clock_started_at, due_at, escalation_tier, referrer_score, receiver_score, updated_at, version"

// Index: primary key.
inline constexpr Query kGet{
    "referral.Get", "SELECT " YILIAN_REFERRAL_COLUMNS " FROM referral WHERE referral_id = ?"};
// Index: primary key. The row lock keeps a second decision out until this one is committed.
inline constexpr Query kGetForUpdate{"referral.GetForUpdate",
                                     "SELECT " YILIAN_REFERRAL_COLUMNS
                                     " FROM referral WHERE referral_id = ? FOR UPDATE"};

inline constexpr Query kInsert{
    "referral.Insert",
    "INSERT INTO referral (" YILIAN_REFERRAL_COLUMNS
    ", is_open, worklist_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

// What a command may change. Index: primary key; no row: somebody was faster.
inline constexpr Query kUpdate{
    "referral.Update",
    "UPDATE referral SET urgency = ?, state = ?, complaint = ?, history = ?, diagnosis_system = ?, "
    "diagnosis_code = ?, diagnosis_display = ?, treatment = ?, question = ?, booking_id = ?, "
    "booking_session_id = ?, booking_practitioner_id = ?, booking_starts_at = ?, "
    "booking_seat_number = ?, reason = ?, reason_comment = ?, outcome_letter = ?, "
    "patient_consented = ?, submitted_at = ?, first_response_at = ?, response_due_at = ?, "
    "arrived_at = ?, completed_at = ?, completed_in_time = ?, clock_started_at = ?, due_at = ?, "
    "escalation_tier = ?, referrer_score = ?, receiver_score = ?, updated_at = ?, version = ?, "
    "is_open = ?, worklist_at = ? WHERE referral_id = ? AND version = ?"};

// Index: primary key prefix.
inline constexpr Query kGetTasks{
    "referral.GetTasks",
    "SELECT task_id, instruction, CAST(due_date AS CHAR), state, result FROM follow_up_task WHERE "
    "referral_id = ? ORDER BY ordinal"};
inline constexpr Query kInsertTask{
    "referral.InsertTask",
    "INSERT INTO follow_up_task (referral_id, ordinal, task_id, instruction, due_date, state, "
    "result) VALUES (?, ?, ?, ?, ?, ?, ?)"};
// Index: uq_follow_up_task__task.
inline constexpr Query kUpdateTask{
    "referral.UpdateTask", "UPDATE follow_up_task SET state = ?, result = ? WHERE task_id = ?"};

// Worklists: keyset pages on (worklist_at, referral_id), the shortest clock first.
// Index: ix_referral__receiving_state.
inline constexpr Query kListReceivedInState{
    "referral.ListReceivedInState",
    "SELECT " YILIAN_REFERRAL_COLUMNS
    ", worklist_at FROM referral WHERE receiving_organization_id = ? AND state = ? AND "
    "(worklist_at > ? OR (worklist_at = ? AND referral_id > ?)) ORDER BY worklist_at, referral_id "
    "LIMIT ?"};
// Index: ix_referral__referring_state.
inline constexpr Query kListSentInState{
    "referral.ListSentInState",
    "SELECT " YILIAN_REFERRAL_COLUMNS
    ", worklist_at FROM referral WHERE referring_organization_id = ? AND state = ? AND "
    "(worklist_at > ? OR (worklist_at = ? AND referral_id > ?)) ORDER BY worklist_at, referral_id "
    "LIMIT ?"};
// Index: ix_referral__receiving_open. A draft is not the receiver's to see.
inline constexpr Query kListReceivedOpen{
    "referral.ListReceivedOpen",
    "SELECT " YILIAN_REFERRAL_COLUMNS
    ", worklist_at FROM referral WHERE receiving_organization_id = ? AND is_open = TRUE AND "
    "submitted_at IS NOT NULL AND (worklist_at > ? OR (worklist_at = ? AND referral_id > ?)) "
    "ORDER BY worklist_at, referral_id LIMIT ?"};
// Index: ix_referral__referring_open.
inline constexpr Query kListSentOpen{
    "referral.ListSentOpen",
    "SELECT " YILIAN_REFERRAL_COLUMNS
    ", worklist_at FROM referral WHERE referring_organization_id = ? AND is_open = TRUE AND "
    "(worklist_at > ? OR (worklist_at = ? AND referral_id > ?)) ORDER BY worklist_at, referral_id "
    "LIMIT ?"};

// Index: ix_referral__receiving_submitted, a range of one organization and period.
inline constexpr Query kRates{
    "referral.Rates",
    "SELECT COUNT(*), COALESCE(SUM(first_response_at <= response_due_at), 0), "
    "COUNT(first_response_at), COALESCE(SUM(completed_at IS NOT NULL AND completed_in_time), 0), "
    "COUNT(completed_at), COUNT(referrer_score) + COUNT(receiver_score), "
    "COALESCE(SUM(COALESCE(referrer_score, 0) >= 4), 0) + "
    "COALESCE(SUM(COALESCE(receiver_score, 0) >= 4), 0) FROM referral WHERE "
    "receiving_organization_id = ? AND submitted_at >= ? AND submitted_at < ?"};

// A merged patient's referrals follow the survivor. Index: ix_referral__patient.
inline constexpr Query kMovePatient{"referral.MovePatient",
                                    "UPDATE referral SET patient_id = ? WHERE patient_id = ?"};

}  // namespace yilian::referral::queries
