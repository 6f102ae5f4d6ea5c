#include "services/lab/store/mapped_terms.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"

namespace yilian::lab {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// Index: primary key.
constexpr Query kHold{"lab.HoldMappings",
                      "SELECT organization_id FROM mapping_gate WHERE organization_id IN (?, ?) "
                      "LOCK IN SHARE MODE"};
constexpr Query kShut{"lab.ShutMappings",
                      "SELECT organization_id FROM mapping_gate WHERE organization_id = ? FOR "
                      "UPDATE"};
constexpr Query kMakeGate{"lab.MakeMappingGate",
                          "INSERT IGNORE INTO mapping_gate (organization_id) VALUES (?)"};

// Calls `row` for what is found by any of the ids. Few lengths of the list, so that few statements
// are prepared: it is filled up with the last id.
absl::Status SelectByIds(Session& session, std::string_view name, const std::string& sql,
                         const std::vector<MappingId>& ids, mysql::RowCallback row) {
  constexpr size_t kLengths[] = {4, 16, 64, 256};
  for (size_t from = 0; from < ids.size();) {
    const size_t left = ids.size() - from;
    size_t length = kLengths[0];
    for (const size_t one : kLengths) {
      if (length < left) length = one;
    }
    mysql::Values values;
    std::string text = sql + " (";
    for (size_t i = 0; i < length; ++i) {
      text += i == 0 ? "?" : ", ?";
      values.emplace_back(ids[std::min(from + i, ids.size() - 1)]);
    }
    RETURN_IF_ERROR(session.SelectValues({name, text + ")"}, values, row));
    from += length;
  }
  return absl::OkStatus();
}

absl::Status InsertItems(Session& session, const Report& report,
                         const std::map<MappingId, std::pair<Term, const Observation*>>& items,
                         absl::Time at) {
  if (items.empty()) return absl::OkStatus();
  // Index: primary key. An item that was settled opens again.
  std::string sql =
      "INSERT INTO mapping_item (item_id, organization_id, term_id, kind, code_system, term, "
      "display, unit, reference_range, value_type, first_seen_at) VALUES ";
  mysql::Values values;
  for (const auto& [id, item] : items) {
    const auto& [term, o] = item;
    sql += values.empty() ? "" : ", ";
    sql += "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    values.insert(values.end(),
                  {id, report.performing_organization, IdOf(term), static_cast<int>(term.kind),
                   term.system, term.text, o->code.display, o->unit, o->reference_range,
                   static_cast<int>(o->value_type), at});
  }
  // Of the rows that stand already, only those that were settled begin anew.
  sql +=
      " ON DUPLICATE KEY UPDATE first_seen_at = IF(settled_at IS NULL, first_seen_at, ?), "
      "settled_at = NULL";
  values.emplace_back(at);
  return session.ExecuteComposed("lab.InsertMappingItems", sql, values).status();
}

}  // namespace

absl::Status HoldMappings(Session& session, OrganizationId sender) {
  const int gates = sender.is_nil() ? 1 : 2;
  for (;;) {
    int held = 0;
    RETURN_IF_ERROR(session.SelectValues(kHold, {sender, OrganizationId()}, [&](const Row&) {
      ++held;
      return absl::OkStatus();
    }));
    if (held == gates) return absl::OkStatus();
    // The first report of this sender, or of the region.
    RETURN_IF_ERROR(session.Execute(kMakeGate, OrganizationId()).status());
    RETURN_IF_ERROR(session.Execute(kMakeGate, sender).status());
  }
}

absl::Status ShutMappings(Session& session, OrganizationId sender) {
  // What the region has decides which stored reports a sender's mapping is news for.
  if (!sender.is_nil()) RETURN_IF_ERROR(HoldMappings(session, OrganizationId()));
  for (;;) {
    bool shut = false;
    RETURN_IF_ERROR(session.SelectValues(kShut, {sender}, [&](const Row&) {
      shut = true;
      return absl::OkStatus();
    }));
    if (shut) return absl::OkStatus();
    RETURN_IF_ERROR(session.Execute(kMakeGate, sender).status());
  }
}

absl::StatusOr<Targets> TargetsFor(Session& session, OrganizationId sender,
                                   const std::vector<Term>& terms) {
  std::vector<MappingId> ids;
  for (const Term& term : terms) {
    ids.push_back(IdOf(IdOf(term), sender));
    ids.push_back(IdOf(IdOf(term), OrganizationId()));
  }
  std::map<MappingId, std::string> found;
  // Index: primary key.
  RETURN_IF_ERROR(SelectByIds(session, "lab.GetMappingTargets",
                              "SELECT mapping_id, target FROM term_mapping WHERE target IS NOT "
                              "NULL AND mapping_id IN",
                              ids, [&](const Row& row) {
                                found[row.Id<MappingId>(0)] = row.Text(1);
                                return absl::OkStatus();
                              }));
  Targets targets;
  for (size_t i = 0; i < terms.size(); ++i) {
    auto target = found.find(ids[2 * i]);
    if (target == found.end()) target = found.find(ids[2 * i + 1]);
    if (target != found.end()) targets.emplace(terms[i], target->second);
  }
  return targets;
}

absl::Status MapObservations(Session& session, OrganizationId sender,
                             std::vector<Observation>& observations) {
  const std::vector<Term> terms = TermsOf(observations);
  Targets targets;
  if (!terms.empty()) {
    RETURN_IF_ERROR(HoldMappings(session, sender));
    ASSIGN_OR_RETURN(targets, TargetsFor(session, sender, terms));
  }
  Map(targets, observations);
  return absl::OkStatus();
}

absl::Status Park(Session& session, const Report& report, absl::Time at) {
  if (report.status == ResultStatus::kWithdrawn || report.status == ResultStatus::kCancelled) {
    return absl::OkStatus();
  }
  const std::map<Term, const Observation*> unmapped = UnmappedIn(report.observations);
  if (unmapped.empty()) return absl::OkStatus();
  std::map<MappingId, std::pair<Term, const Observation*>> items;
  std::set<TermId> terms;
  for (const auto& [term, observation] : unmapped) {
    const TermId id = IdOf(term);
    terms.insert(id);
    items.emplace(IdOf(id, report.performing_organization), std::pair(term, observation));
  }
  std::vector<MappingId> ids;
  for (const auto& [id, item] : items) ids.push_back(id);
  // Index: primary key. What is in the queue is only read: a sender's reports do not wait for each
  // other.
  RETURN_IF_ERROR(SelectByIds(session, "lab.GetOpenMappingItems",
                              "SELECT item_id FROM mapping_item WHERE settled_at IS NULL AND "
                              "item_id IN",
                              ids, [&](const Row& row) {
                                items.erase(row.Id<MappingId>(0));
                                return absl::OkStatus();
                              }));
  RETURN_IF_ERROR(InsertItems(session, report, items, at));
  std::string sql =
      "INSERT IGNORE INTO unmapped_term (term_id, organization_id, report_id) VALUES ";
  mysql::Values values;
  for (const TermId term : terms) {
    sql += values.empty() ? "(?, ?, ?)" : ", (?, ?, ?)";
    values.insert(values.end(), {term, report.performing_organization, report.id});
  }
  return session.ExecuteComposed("lab.ParkTerms", sql, values).status();
}

}  // namespace yilian::lab
