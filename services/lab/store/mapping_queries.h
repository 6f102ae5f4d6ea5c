// Every statement about mappings but those of a report's intake, by name, with the index that
// serves it.
#pragma once

#include "common/mysql/query.h"

namespace yilian::lab::queries {

using mysql::Query;

// In the order that mysql_mapping_store.cc and mapping_run.cc expect.
#define YILIAN_MAPPING_COLUMNS                                                              \
  "organization_id, kind, code_system, term, target, target_display, defined_at, version, " \
  "run_seen, run_changed, run_finished_at, walks_all, run_organization_id, run_report_id, " \
  "term_id"

// Index: primary key.
inline constexpr Query kLockMapping{"lab.LockMapping",
                                    "SELECT " YILIAN_MAPPING_COLUMNS
                                    " FROM term_mapping WHERE mapping_id = ? FOR UPDATE"};
inline constexpr Query kMappingExists{"lab.MappingExists",
                                      "SELECT 1 FROM term_mapping WHERE mapping_id = ?"};
inline constexpr Query kInsertMapping{
    "lab.InsertMapping",
    "INSERT INTO term_mapping (mapping_id, organization_id, term_id, kind, code_system, term, "
    "target, target_display, sample_display, sample_unit, defined_at, version, walks_all, "
    "run_organization_id, run_report_id, run_seen, run_changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, 1, ?, ?, ?, 0, 0)"};
// Index: primary key.
inline constexpr Query kChangeMapping{
    "lab.ChangeMapping",
    "UPDATE term_mapping SET target = ?, target_display = ?, defined_at = ?, version = version + "
    "1, "
    "walks_all = TRUE, run_organization_id = ?, run_report_id = ?, run_seen = 0, run_changed = 0, "
    "run_finished_at = NULL WHERE mapping_id = ?"};
// Index: primary key.
inline constexpr Query kAdvanceRun{
    "lab.AdvanceMappingRun",
    "UPDATE term_mapping SET run_organization_id = ?, run_report_id = ?, run_seen = run_seen + ?, "
    "run_changed = run_changed + ?, run_finished_at = ? WHERE mapping_id = ?"};

// Newest first, keyset on (defined_at, mapping_id). Index: ix_term_mapping__organization, read
// backwards.
inline constexpr Query kListMappings{
    "lab.ListMappings",
    "SELECT " YILIAN_MAPPING_COLUMNS
    " FROM term_mapping WHERE organization_id = ? AND (? OR target IS NOT NULL) AND (defined_at < "
    "? "
    "OR (defined_at = ? AND mapping_id < ?)) ORDER BY defined_at DESC, mapping_id DESC LIMIT ?"};
// Oldest first, keyset on (first_seen_at, item_id). Index: ix_mapping_item__organization.
inline constexpr Query kListItems{
    "lab.ListMappingItems",
    "SELECT organization_id, kind, code_system, term, display, unit, reference_range, value_type, "
    "first_seen_at, term_id FROM mapping_item WHERE organization_id = ? AND settled_at IS NULL AND "
    "(first_seen_at > ? OR (first_seen_at = ? AND item_id > ?)) ORDER BY first_seen_at, item_id "
    "LIMIT ?"};
// The newest first, a thousand at most. Index: primary key, read backwards.
inline constexpr Query kCountWaiting{
    "lab.CountWaitingReports",
    "SELECT COUNT(*), MAX(w.report_id) FROM (SELECT report_id FROM unmapped_term WHERE term_id = ? "
    "AND organization_id = ? ORDER BY report_id DESC LIMIT ?) w"};
// Index: primary key.
inline constexpr Query kGetItem{"lab.GetMappingItem",
                                "SELECT display, unit FROM mapping_item WHERE item_id = ?"};
inline constexpr Query kSettleItem{"lab.SettleMappingItem",
                                   "UPDATE mapping_item SET settled_at = ? WHERE item_id = ? AND "
                                   "settled_at IS NULL"};
// Index: ix_mapping_item__term.
inline constexpr Query kSettleItems{"lab.SettleMappingItems",
                                    "UPDATE mapping_item SET settled_at = ? WHERE term_id = ? AND "
                                    "settled_at IS NULL"};

// Reports that wait for a term. Index: primary key.
inline constexpr Query kWaitingOfSender{"lab.WaitingReportsOfSender",
                                        "SELECT organization_id, report_id FROM unmapped_term "
                                        "WHERE term_id = ? AND organization_id = ? "
                                        "AND report_id > ? ORDER BY report_id LIMIT ?"};
inline constexpr Query kWaitingOfAll{
    "lab.WaitingReportsOfAll",
    "SELECT organization_id, report_id FROM unmapped_term WHERE term_id = ? AND (organization_id > "
    "? OR (organization_id = ? AND report_id > ?)) ORDER BY organization_id, report_id LIMIT ?"};
// All reports. Index: ix_report__performing.
inline constexpr Query kReportsOfSender{
    "lab.ReportsOfSender",
    "SELECT performing_organization_id, report_id FROM report WHERE performing_organization_id = ? "
    "AND report_id > ? ORDER BY report_id LIMIT ?"};
// Index: primary key.
inline constexpr Query kReportsOfAll{"lab.ReportsOfAll",
                                     "SELECT performing_organization_id, report_id FROM report "
                                     "WHERE report_id > ? ORDER BY report_id LIMIT ?"};
// Index: primary key.
inline constexpr Query kLockReport{"lab.LockReport",
                                   "SELECT report_id FROM report WHERE report_id = ? FOR UPDATE"};
inline constexpr Query kMapObservation{
    "lab.MapObservation",
    "UPDATE observation SET loinc = ?, ucum_unit = ?, code_mapping = ?, unit_mapping = ?, "
    "interpretation = ?, applied_interval = ?, disagrees = ?, delta = ?, prior_value = ?, "
    "prior_observed_at = ? WHERE report_id = ? AND version = ? "
    "AND ordinal = ?"};
inline constexpr Query kUnpark{
    "lab.UnparkTerm",
    "DELETE FROM unmapped_term WHERE term_id = ? AND organization_id = ? AND report_id = ?"};

// Who else has mapped the term. Index: ix_term_mapping__term.
inline constexpr Query kSuggestByTerm{
    "lab.SuggestByTerm",
    "SELECT target, target_display, sample_unit FROM term_mapping WHERE term_id = ? AND target IS "
    "NOT NULL LIMIT 200"};
// Index: ix_term_mapping__name. Codes and names only.
inline constexpr Query kSuggestByName{"lab.SuggestByName",
                                      "SELECT target, target_display, sample_unit FROM "
                                      "term_mapping WHERE sample_display = ? AND kind "
                                      "<> 3 AND target IS NOT NULL LIMIT 200"};

}  // namespace yilian::lab::queries
