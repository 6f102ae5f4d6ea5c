// Every statement about critical values, by name, with the index that serves it.
#pragma once

#include "common/mysql/query.h"

namespace yilian::lab::queries {

using mysql::Query;

// In the order that critical_rows.cc expects.
#define YILIAN_CRITICAL_COLUMNS                                                                    \
  "critical_value_id, report_id, report_version, observation_id, patient_id, "                     \
  "performing_organization_id, ordering_organization_id, code_system, code, code_display, "        \
  "sub_id, value, unit, reference_range, flagged, limit_text, side, detected_at, "                 \
  "replaces_critical_value_id, state, verified_at, verified_organization_id, "                     \
  "verified_practitioner_id, read_back_at, read_back_organization_id, read_back_practitioner_id, " \
  "acted_at, acted_organization_id, acted_practitioner_id, action, tier, action_overdue, due_at, " \
  "version"

// A SELECT ends with what stands at the value's report.
#define YILIAN_CRITICAL_SELECT      \
  "SELECT " YILIAN_CRITICAL_COLUMNS \
  ", (SELECT r.sensitivity FROM report r WHERE r.report_id = critical_value.report_id)"

// Index: primary key.
inline constexpr Query kGetCritical{"lab.GetCritical", YILIAN_CRITICAL_SELECT
                                    " FROM critical_value WHERE "
                                    "critical_value_id = ?"};
inline constexpr Query kGetCriticalForUpdate{
    "lab.GetCriticalForUpdate",
    YILIAN_CRITICAL_SELECT " FROM critical_value WHERE critical_value_id = ? FOR UPDATE"};
// Of a report whose row is locked. Index: ix_critical_value__report; a report has few.
inline constexpr Query kCriticalOfReport{
    "lab.CriticalOfReport", YILIAN_CRITICAL_SELECT
    " FROM critical_value WHERE report_id = ? ORDER BY critical_value_id "
    "FOR UPDATE"};
inline constexpr Query kInsertCritical{
    "lab.InsertCritical", "INSERT INTO critical_value (" YILIAN_CRITICAL_COLUMNS
                          ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                          "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key.
inline constexpr Query kUpdateCritical{
    "lab.UpdateCritical",
    "UPDATE critical_value SET state = ?, verified_at = ?, verified_organization_id = ?, "
    "verified_practitioner_id = ?, read_back_at = ?, read_back_organization_id = ?, "
    "read_back_practitioner_id = ?, acted_at = ?, acted_organization_id = ?, "
    "acted_practitioner_id = ?, action = ?, tier = ?, action_overdue = ?, due_at = ?, version = ? "
    "WHERE critical_value_id = ? AND version = ?"};
inline constexpr Query kInsertAttempt{
    "lab.InsertAttempt",
    "INSERT INTO notification_attempt (critical_value_id, critical_value_version, attempted_at, "
    "organization_id, practitioner_id, channel, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key prefix.
inline constexpr Query kGetAttempts{
    "lab.GetAttempts",
    "SELECT attempted_at, organization_id, practitioner_id, channel, outcome FROM "
    "notification_attempt WHERE critical_value_id = ? ORDER BY critical_value_version"};

// Worklists: keyset pages on (detected_at, critical_value_id).
#define YILIAN_CRITICAL_PAGE                                                        \
  " AND (detected_at > ? OR (detected_at = ? AND critical_value_id > ?)) ORDER BY " \
  "detected_at, critical_value_id LIMIT ?"
// Index: ix_critical_value__performing.
inline constexpr Query kListToNotify{
    "lab.ListToNotify", YILIAN_CRITICAL_SELECT
    " FROM critical_value WHERE performing_organization_id = ? AND phase = "
    "1" YILIAN_CRITICAL_PAGE};
// Index: ix_critical_value__ordering.
inline constexpr Query kListToReadBack{
    "lab.ListToReadBack", YILIAN_CRITICAL_SELECT
    " FROM critical_value WHERE ordering_organization_id = ? AND phase = "
    "1" YILIAN_CRITICAL_PAGE};
inline constexpr Query kListToAct{
    "lab.ListToAct", YILIAN_CRITICAL_SELECT
    " FROM critical_value WHERE ordering_organization_id = ? AND phase = "
    "2" YILIAN_CRITICAL_PAGE};

}  // namespace yilian::lab::queries
