// Every statement of the laboratory schema, by name, with the index that serves it.
#pragma once

#include "common/mysql/query.h"

namespace yilian::lab::queries {

using mysql::Query;

// A report's version, in the order that rows.cc expects.
#define YILIAN_REPORT_COLUMNS                                                             \
  "r.report_id, v.patient_id, r.performing_organization_id, v.ordering_organization_id, " \
  "r.filler_order_number, v.placer_order_number, r.code_system, r.code, v.code_display, " \
  "v.status, "                                                                            \
  "v.version, v.issued_at, v.received_at, v.source_message_id, v.patient_age_days, "      \
  "v.patient_sex, "                                                                       \
  "r.sensitivity"

// Index: uq_report__order. The row lock keeps a second version of the same report out until this
// one is committed.
inline constexpr Query kFindForUpdate{
    "lab.FindForUpdate",
    "SELECT report_id, current_version, last_version FROM report WHERE performing_organization_id "
    "= ? AND "
    "filler_order_number = ? AND code_system = ? AND code = ? FOR UPDATE"};
// Index: primary keys.
inline constexpr Query kGetVersion{
    "lab.GetVersion", "SELECT " YILIAN_REPORT_COLUMNS
                      " FROM report r JOIN report_version v ON v.report_id = r.report_id AND "
                      "v.version = ? WHERE r.report_id = ?"};
inline constexpr Query kGetCurrent{
    "lab.GetCurrent", "SELECT " YILIAN_REPORT_COLUMNS
                      " FROM report r JOIN report_version v ON v.report_id = r.report_id AND "
                      "v.version = r.current_version WHERE r.report_id = ?"};
// Index: primary key prefix.
inline constexpr Query kGetObservations{
    "lab.GetObservations",
    "SELECT observation_id, code_system, code, code_display, "
    "sub_id, value_type, value, value_system, value_code, "
    "value_display, unit, reference_range, abnormal_flags, "
    "status, observed_at_text, absent_reason, loinc, ucum_unit, "
    "code_mapping, unit_mapping, interpretation, applied_interval, "
    "disagrees, method, delta, prior_value, prior_observed_at "
    "FROM observation "
    "WHERE report_id = ? AND version = ? ORDER BY ordinal"};

inline constexpr Query kInsertReport{"lab.InsertReport",
                                     "INSERT INTO report (report_id, performing_organization_id, "
                                     "filler_order_number, code_system, code, patient_id, "
                                     "ordering_organization_id, current_version, last_version, "
                                     "issued_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key.
inline constexpr Query kShowVersion{"lab.ShowVersion",
                                    "UPDATE report SET patient_id = ?, ordering_organization_id = "
                                    "?, current_version = ?, last_version = ?, "
                                    "issued_at = ? WHERE report_id = ?"};
inline constexpr Query kKeepVersionAside{"lab.KeepVersionAside",
                                         "UPDATE report SET last_version = ? WHERE report_id = ?"};
inline constexpr Query kInsertVersion{
    "lab.InsertVersion",
    "INSERT INTO report_version (report_id, version, patient_id, "
    "ordering_organization_id, placer_order_number, "
    "code_display, status, issued_at, received_at, "
    "source_message_id, patient_age_days, patient_sex) VALUES (?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

// What a reader may see of a patient, with the values of SightValues (sight_values.h); `of` is the
// table that has the three columns.
#define YILIAN_IN_SIGHT(of)                                                                    \
  " AND ((? AND (" of ".sensitivity & ?) = 0) OR " of ".performing_organization_id = ? OR " of \
  ".ordering_organization_id = ?)"

// Newest first, keyset on (issued_at, report_id). Index: ix_report__patient, read backwards.
inline constexpr Query kListOfPatient{
    "lab.ListOfPatient",
    "SELECT " YILIAN_REPORT_COLUMNS
    " FROM report r JOIN report_version v ON v.report_id = r.report_id AND v.version = "
    "r.current_version WHERE r.patient_id = ? AND v.status <> 7" YILIAN_IN_SIGHT("r")
    " AND (r.issued_at < ? OR (r.issued_at = ? AND r.report_id < ?)) ORDER BY r.issued_at DESC, "
    "r.report_id DESC LIMIT ?"};

}  // namespace yilian::lab::queries
