// The statements of the worklists, by name, with the index that serves each. Every page is a range
// of one index in the order of the list: no sort, no more rows than the page.
#pragma once

#include "common/mysql/query.h"

namespace yilian::referral::queries {

#define YILIAN_WORKLIST_COLUMNS                                                           \
  "r.referral_id, r.patient_id, r.direction, r.channel, r.setting, r.urgency, r.state, "  \
  "r.referring_organization_id, r.receiving_organization_id, r.receiving_department_id, " \
  "r.complaint, r.due_at, r.escalation_tier, r.version"

// Index: ix_referral__worklist.
inline constexpr mysql::Query kListWorklist{
    "referral.ListWorklist",
    "SELECT " YILIAN_WORKLIST_COLUMNS
    ", r.worklist_clock FROM referral r FORCE INDEX (ix_referral__worklist) WHERE "
    "r.worklist_organization_id = ? AND r.worklist = ? AND r.worklist_clock >= ? AND "
    "r.worklist_clock < ? AND (r.worklist_clock > ? OR r.referral_id > ?) ORDER BY "
    "r.worklist_clock, r.referral_id LIMIT ?"};
// What was refused of late and whose patient the referrer has not referred anew since.
#define YILIAN_REJECTED                                                                           \
  "FROM referral r FORCE INDEX (ix_referral__referring_state) WHERE r.referring_organization_id " \
  "= ? AND r.state = 'REJECTED' AND r.worklist_at >= ? AND NOT EXISTS (SELECT 1 FROM referral n " \
  "FORCE INDEX (ix_referral__patient) WHERE n.patient_id = r.patient_id AND n.submitted_at > "    \
  "r.worklist_at AND n.referring_organization_id = r.referring_organization_id)"
// Index: ix_referral__referring_state, then ix_referral__patient.
inline constexpr mysql::Query kListRejected{
    "referral.ListRejected", "SELECT " YILIAN_WORKLIST_COLUMNS ", r.worklist_at " YILIAN_REJECTED
                             " AND (r.worklist_at > ? OR r.referral_id > ?) ORDER BY "
                             "r.worklist_at, r.referral_id LIMIT ?"};
// Index: ix_referral__worklist_due.
inline constexpr mysql::Query kListOverdue{
    "referral.ListOverdue",
    "SELECT " YILIAN_WORKLIST_COLUMNS
    ", r.due_at FROM referral r FORCE INDEX (ix_referral__worklist_due) WHERE "
    "r.worklist_organization_id = ? AND r.due_at >= ? AND r.due_at < ? AND (r.due_at > ? OR "
    "r.referral_id > ?) ORDER BY r.due_at, r.referral_id LIMIT ?"};
// Index: ix_referral__region_due; the column is set while an escalation stands with the region.
inline constexpr mysql::Query kListOverdueInRegion{
    "referral.ListOverdueInRegion",
    "SELECT " YILIAN_WORKLIST_COLUMNS
    ", r.due_at FROM referral r FORCE INDEX (ix_referral__region_due) WHERE "
    "r.region_organization_id = ? AND r.due_at >= ? AND r.due_at < ? AND (r.due_at > ? OR "
    "r.referral_id > ?) ORDER BY r.due_at, r.referral_id LIMIT ?"};
// Index: ix_follow_up_task__owed, then the primary key of referral.
inline constexpr mysql::Query kListFollowUps{
    "referral.ListFollowUps",
    "SELECT " YILIAN_WORKLIST_COLUMNS
    ", CAST(t.due_date AS CHAR), t.task_id, t.instruction, t.state, t.escalation_tier, "
    "t.reschedule_count, t.reschedule_reason FROM follow_up_task t FORCE INDEX "
    "(ix_follow_up_task__owed) STRAIGHT_JOIN referral r ON r.referral_id = t.referral_id WHERE "
    "t.owed_by_organization_id = ? AND t.due_date >= ? AND t.due_date <= ? AND (t.due_date > ? OR "
    "t.task_id > ?) ORDER BY t.due_date, t.task_id LIMIT ?"};

// Counts end after five hundred entries of an index that covers them, so that they cost the same
// however long a list is. YILIAN_CAP is kMaxCounted and one more, which tells that there are more.
#define YILIAN_CAP "501"
#define YILIAN_COUNT_OPEN(KIND)                                                        \
  "SELECT " KIND                                                                       \
  ", COUNT(*) FROM (SELECT 1 FROM referral FORCE INDEX (ix_referral__worklist) WHERE " \
  "worklist_organization_id = ? AND worklist = " KIND " LIMIT " YILIAN_CAP ") AS list_" KIND
#define YILIAN_COUNT_OTHERS \
  YILIAN_COUNT_OPEN("1")    \
  " UNION ALL " YILIAN_COUNT_OPEN("2") " UNION ALL " YILIAN_COUNT_OPEN("3") " UNION ALL SELECT 4" \
  ", COUNT(*) FROM (SELECT 1 FROM referral FORCE INDEX (ix_referral__worklist) WHERE "            \
  "worklist_organization_id = ? AND worklist = 4 AND worklist_clock < ? LIMIT " YILIAN_CAP        \
  ") AS list_4 UNION ALL " YILIAN_COUNT_OPEN("5") " UNION ALL SELECT 7, COUNT(*) FROM (SELECT 1 " \
  "FROM follow_up_task FORCE INDEX (ix_follow_up_task__owed) WHERE owed_by_organization_id = ? "  \
  "AND due_date <= ? LIMIT " YILIAN_CAP                                                           \
  ") AS list_7 UNION ALL " YILIAN_COUNT_OPEN("8") " UNION ALL " YILIAN_COUNT_OPEN("9")            \
  " UNION ALL SELECT 10, COUNT(*) FROM (SELECT 1 " YILIAN_REJECTED " LIMIT " YILIAN_CAP            \
  ") AS list_10"

// Indexes: ix_referral__worklist, ix_referral__worklist_due, ix_follow_up_task__owed;
// ix_referral__referring_state, which covers all but the patient of a rejected one.
inline constexpr mysql::Query kCountWorklists{
    "referral.CountWorklists", YILIAN_COUNT_OTHERS
    " UNION ALL SELECT 6, COUNT(*) FROM (SELECT 1 FROM referral FORCE INDEX "
    "(ix_referral__worklist_due) WHERE worklist_organization_id = ? AND due_at < ? "
    "LIMIT " YILIAN_CAP ") AS list_6"};
// As before, with ix_referral__region_due for the last.
inline constexpr mysql::Query kCountWorklistsOfRegion{
    "referral.CountWorklistsOfRegion", YILIAN_COUNT_OTHERS
    " UNION ALL SELECT 6, COUNT(*) FROM (SELECT 1 FROM referral FORCE INDEX "
    "(ix_referral__region_due) WHERE region_organization_id = ? AND due_at < ? LIMIT " YILIAN_CAP
    ") AS list_6"};

// A task is owed by the receiver while its down-referral is in care and it is not done (states 1
// open, 3 overdue). Index: primary key prefix.
inline constexpr mysql::Query kOweTasks{
    "referral.OweTasks",
    "UPDATE follow_up_task SET owed_by_organization_id = CASE WHEN state IN (1, 3) THEN ? END "
    "WHERE referral_id = ?"};

}  // namespace yilian::referral::queries
