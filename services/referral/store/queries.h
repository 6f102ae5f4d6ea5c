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
  "clock_started_at, due_at, escalation_tier, referrer_score, receiver_score, updated_at, "        \
  "version, responsible_organization_id, responsible_department_id, booking_saga_id, "             \
  "urgency_reason, cancellation_reason, cancellation_comment, cancellation_asked_at, "             \
  "readmission, "                                                                                  \
  "replaces_referral_id, source_kind, source_id, clock_ran, clock_left, region_organization_id, "  \
  "redirect_count, consent_withdrawn, open_key, received_at, booking_failure, no_show_at, "        \
  "letter_missed_since, citations_unchecked"

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
    ", is_open, worklist_at, source_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

// What a command may change. Index: primary key; no row: somebody was faster.
inline constexpr Query kUpdate{
    "referral.Update",
    "UPDATE referral SET receiving_organization_id = ?, receiving_department_id = ?, "
    "discharge_summary = ?, medication = ?, urgency = ?, state = ?, complaint = ?, history = ?, "
    "diagnosis_system = ?, "
    "diagnosis_code = ?, diagnosis_display = ?, treatment = ?, question = ?, citations = ?, "
    "booking_id = ?, "
    "booking_session_id = ?, booking_practitioner_id = ?, booking_starts_at = ?, "
    "booking_seat_number = ?, reason = ?, reason_comment = ?, outcome_letter = ?, "
    "patient_consented = ?, submitted_at = ?, first_response_at = ?, response_due_at = ?, "
    "arrived_at = ?, completed_at = ?, completed_in_time = ?, clock_started_at = ?, due_at = ?, "
    "escalation_tier = ?, referrer_score = ?, receiver_score = ?, updated_at = ?, version = ?, "
    "responsible_organization_id = ?, responsible_department_id = ?, booking_saga_id = ?, "
    "urgency_reason = ?, cancellation_reason = ?, cancellation_comment = ?, cancellation_asked_at "
    "= ?, readmission = ?, replaces_referral_id = ?, source_kind = ?, source_id = ?, clock_ran = "
    "?, clock_left = ?, region_organization_id = ?, redirect_count = ?, consent_withdrawn = ?, "
    "open_key = ?, received_at = ?, booking_failure = ?, no_show_at = ?, "
    "letter_missed_since = ?, citations_unchecked = ?, is_open = ?, worklist_at = ?, source_key = "
    "? WHERE referral_id = ? AND version "
    "= ?"};

// Who holds a key that somebody else wants. Index: uq_referral__open_key, uq_referral__source_key.
inline constexpr Query kFindOpen{
    "referral.FindOpen",
    "SELECT referral_id, referring_organization_id, receiving_organization_id FROM referral WHERE "
    "open_key = ?"};
inline constexpr Query kFindSource{
    "referral.FindSource",
    "SELECT referral_id, referring_organization_id, receiving_organization_id FROM referral WHERE "
    "source_key = ?"};

// The episode that a patient comes back from: a referral of this referrer that was completed, or
// whose stay (setting 2: a bed) has ended and whose letter is still owed, or was when its hospital
// said too late that the patient was still there; or a down-referral to it,
// which is submitted when the patient leaves. Index: ix_referral__patient, for all of a patient.
inline constexpr Query kFindEpisode{
    "referral.FindEpisode",
    "SELECT referral_id FROM referral WHERE patient_id = ? AND ((direction = 2 AND "
    "receiving_organization_id = ? AND submitted_at > ?) OR (referring_organization_id = ? AND "
    "((state = 'COMPLETED' AND completed_at > ?) OR (state = 'IN_CARE' AND setting = 2 AND "
    "((due_at "
    "IS NOT NULL AND clock_started_at > ?) OR letter_missed_since > ?))))) ORDER BY "
    "COALESCE(completed_at, submitted_at) DESC, "
    "submitted_at DESC LIMIT 1"};
// The referral by which a patient came to a hospital. Index: ix_referral__patient.
inline constexpr Query kFindAdmission{
    "referral.FindAdmission",
    "SELECT referral_id FROM referral WHERE patient_id = ? AND submitted_at > ? AND "
    "receiving_organization_id = ? AND direction <> 2 AND state IN ('ARRIVED', 'IN_CARE', "
    "'COMPLETED') ORDER BY submitted_at DESC LIMIT 1"};
// But one that went with a discharge that was taken back (reason 11). Index: ix_referral__patient.
inline constexpr Query kFindDownReferralOf{
    "referral.FindDownReferralOf",
    "SELECT referral_id FROM referral WHERE patient_id = ? AND follows_referral_id = ? AND "
    "direction = 2 AND NOT (state = 'CANCELLED' AND reason = 11) LIMIT 1"};
// What a discharge drafted and nobody has sent. Index: ix_referral__patient.
inline constexpr Query kFindDischargeDraft{
    "referral.FindDischargeDraft",
    "SELECT referral_id FROM referral WHERE patient_id = ? AND follows_referral_id = ? AND state = "
    "'DRAFT' AND source_key IS NOT NULL ORDER BY updated_at DESC LIMIT 1"};

// What the hospital said last of an episode's end. Index: primary key.
inline constexpr Query kFindDischarge{
    "referral.FindDischarge", "SELECT recorded_at, cancelled FROM discharge WHERE source_key = ?"};
inline constexpr Query kSaveDischarge{
    "referral.SaveDischarge",
    "INSERT INTO discharge (source_key, recorded_at, cancelled) VALUES (?, ?, ?) ON DUPLICATE KEY "
    "UPDATE recorded_at = ?, cancelled = ?"};
// Index: ix_attachment__referral.
inline constexpr Query kHasAttachment{"referral.HasAttachment",
                                      "SELECT 1 FROM attachment WHERE referral_id = ? LIMIT 1"};

inline constexpr Query kInsertRedirection{
    "referral.InsertRedirection",
    "INSERT INTO redirection (referral_id, ordinal, from_organization_id, from_department_id, "
    "to_organization_id, to_department_id, reason, comment, practitioner_id, redirected_at) VALUES "
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key prefix.
inline constexpr Query kGetRedirections{
    "referral.GetRedirections",
    "SELECT from_organization_id, from_department_id, to_organization_id, to_department_id, "
    "reason, comment, practitioner_id, redirected_at FROM redirection WHERE referral_id = ? ORDER "
    "BY ordinal"};

// What was said after closing. Index of all: primary key, or its prefix.
inline constexpr Query kSavePatientRating{
    "referral.SavePatientRating",
    "INSERT INTO patient_rating (referral_id, score, respondent, organization_id, practitioner_id, "
    "recorded_at) VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE score = VALUES(score), "
    "respondent = VALUES(respondent), organization_id = VALUES(organization_id), "
    "practitioner_id = VALUES(practitioner_id), recorded_at = VALUES(recorded_at)"};
inline constexpr Query kGetPatientRating{
    "referral.GetPatientRating",
    "SELECT score, respondent, organization_id, practitioner_id, recorded_at FROM patient_rating "
    "WHERE referral_id = ?"};
inline constexpr Query kInsertClosingContact{
    "referral.InsertClosingContact",
    "INSERT INTO closing_contact (referral_id, ordinal, organization_id, practitioner_id, "
    "contacted_at, reached, satisfaction, remarks) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
inline constexpr Query kGetClosingContacts{
    "referral.GetClosingContacts",
    "SELECT organization_id, practitioner_id, contacted_at, reached, satisfaction, remarks FROM "
    "closing_contact WHERE referral_id = ? ORDER BY ordinal"};

// The region's health authority. Index: ix_organization__tier.
inline constexpr Query kHealthAuthority{
    "referral.HealthAuthority",
    "SELECT organization_id FROM organization WHERE tier = 1 ORDER BY organization_id LIMIT 1"};
inline constexpr Query kSaveOrganization{
    "referral.SaveOrganization",
    "INSERT INTO organization (organization_id, tier) VALUES (?, ?) ON DUPLICATE KEY UPDATE tier = "
    "?"};

// Index: primary key prefix.
inline constexpr Query kGetTasks{
    "referral.GetTasks",
    "SELECT task_id, instruction, CAST(due_date AS CHAR), state, result, escalation_tier, "
    "reschedule_count, reschedule_reason FROM follow_up_task WHERE referral_id = ? ORDER BY "
    "ordinal"};
inline constexpr Query kInsertTask{
    "referral.InsertTask",
    "INSERT INTO follow_up_task (referral_id, ordinal, task_id, instruction, due_date, state, "
    "result, receiving_organization_id, referring_organization_id, escalation_tier, "
    "reschedule_count, reschedule_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key prefix. Of a draft whose plan is exchanged.
inline constexpr Query kDeleteTasks{"referral.DeleteTasks",
                                    "DELETE FROM follow_up_task WHERE referral_id = ?"};
// Index: uq_follow_up_task__task.
inline constexpr Query kUpdateTask{
    "referral.UpdateTask",
    "UPDATE follow_up_task SET state = ?, result = ?, due_date = ?, escalation_tier = ?, "
    "reschedule_count = ?, reschedule_reason = ? WHERE task_id = ?"};

// The report of what nobody acted on, the oldest first; state 3: OVERDUE. A closed referral's tasks
// are nobody's any more.
#define YILIAN_NOT_ACTED                                                                          \
  "SELECT t.referral_id, t.task_id, CAST(t.due_date AS CHAR), t.escalation_tier, "                \
  "t.reschedule_count, t.referring_organization_id, t.receiving_organization_id FROM "            \
  "follow_up_task t JOIN referral r ON r.referral_id = t.referral_id AND r.is_open = TRUE WHERE " \
  "t.state = 3 AND (t.due_date > ? OR (t.due_date = ? AND t.task_id > ?))"
#define YILIAN_OLDEST_TASK_FIRST " ORDER BY t.due_date, t.task_id LIMIT ?"
// Index: ix_follow_up_task__receiving.
inline constexpr Query kNotActedOwed{
    "referral.NotActedOwed",
    YILIAN_NOT_ACTED " AND t.receiving_organization_id = ?" YILIAN_OLDEST_TASK_FIRST};
// Index: ix_follow_up_task__referring.
inline constexpr Query kNotActedSent{
    "referral.NotActedSent",
    YILIAN_NOT_ACTED " AND t.referring_organization_id = ?" YILIAN_OLDEST_TASK_FIRST};
// Index: ix_follow_up_task__state.
inline constexpr Query kNotActedInRegion{"referral.NotActedInRegion",
                                         YILIAN_NOT_ACTED YILIAN_OLDEST_TASK_FIRST};

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

// Index: ix_referral__patient; locked, for their keys are made of the patient.
inline constexpr Query kLockOpenOfPatient{
    "referral.LockOpenOfPatient",
    "SELECT " YILIAN_REFERRAL_COLUMNS
    " FROM referral WHERE patient_id = ? AND open_key IS NOT NULL FOR UPDATE"};
// What another organization has of a patient at present. Index: ix_referral__patient.
inline constexpr Query kHandedOver{
    "referral.HandedOver",
    "SELECT referral_id, receiving_organization_id FROM referral WHERE patient_id = ? AND is_open "
    "= TRUE AND submitted_at IS NOT NULL ORDER BY referral_id"};
// Index: primary key.
inline constexpr Query kSetOpenKey{"referral.SetOpenKey",
                                   "UPDATE referral SET open_key = ? WHERE referral_id = ?"};
// Index: primary key.
inline constexpr Query kMoveBack{"referral.MoveBack",
                                 "UPDATE referral SET patient_id = ?, open_key = ? "
                                 "WHERE referral_id = ?"};
// A merged patient's referrals follow the survivor. Index: ix_referral__patient.
inline constexpr Query kMovePatient{"referral.MovePatient",
                                    "UPDATE referral SET patient_id = ? WHERE patient_id = ?"};

}  // namespace yilian::referral::queries
