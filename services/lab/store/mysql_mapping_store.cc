#include "services/lab/store/mysql_mapping_store.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/lab/domain/errors.h"
#include "services/lab/store/mapped_terms.h"
#include "services/lab/store/mapping_queries.h"
#include "services/lab/store/mapping_run.h"

namespace yilian::lab {
namespace {

Term TermFromRow(const mysql::Row& row, int at) {
  return {.kind = static_cast<TermKind>(row.Int(at)),
          .system = row.Text(at + 1),
          .text = row.Text(at + 2)};
}

Mapping MappingFromRow(const mysql::Row& row) {
  return {.organization = row.Id<OrganizationId>(0),
          .term = TermFromRow(row, 1),
          .target = row.Text(4),
          .target_display = row.Text(5),
          .version = row.Int(7),
          .run = {.seen = row.Int(8),
                  .changed = row.Int(9),
                  .started_at = row.Time(6),
                  .finished_at = row.OptionalTime(10)}};
}

struct Sample {
  std::string display;
  std::string unit;
};

// Of the queue's item; empty where the term never came.
absl::StatusOr<Sample> SampleOf(mysql::Session& session, MappingId item) {
  ASSIGN_OR_RETURN(const std::optional<Sample> sample,
                   session.SelectOne<Sample>(
                       queries::kGetItem,
                       [](const mysql::Row& row) {
                         return Sample{row.Text(0), row.Text(1)};
                       },
                       item));
  return sample.value_or(Sample());
}

absl::Status Insert(mysql::Session& session, MappingId id, const NewMapping& mapping,
                    absl::Time at) {
  // Where the region's mapping was in force, reports are mapped by that.
  bool walks_all = false;
  if (!mapping.organization.is_nil()) {
    RETURN_IF_ERROR(session.SelectValues(queries::kMappingExists,
                                         {IdOf(IdOf(mapping.term), OrganizationId())},
                                         [&](const mysql::Row&) {
                                           walks_all = true;
                                           return absl::OkStatus();
                                         }));
  }
  ASSIGN_OR_RETURN(const Sample sample, SampleOf(session, id));
  return session
      .Execute(queries::kInsertMapping, id, mapping.organization, IdOf(mapping.term),
               static_cast<int>(mapping.term.kind), mapping.term.system, mapping.term.text,
               mapping.target, mapping.target_display, sample.display, sample.unit, at, walks_all,
               OrganizationId(), ReportId())
      .status();
}

absl::Status Settle(mysql::Session& session, MappingId id, const NewMapping& mapping,
                    absl::Time at) {
  if (mapping.organization.is_nil()) {
    return session.Execute(queries::kSettleItems, at, IdOf(mapping.term)).status();
  }
  return session.Execute(queries::kSettleItem, at, id).status();
}

absl::StatusOr<std::optional<Mapping>> Lock(mysql::Session& session, MappingId id) {
  return session.SelectOne<Mapping>(queries::kLockMapping, MappingFromRow, id);
}

// A version 7 id begins with the milliseconds at which it was made.
absl::Time MadeAt(const base::Uuid& id) {
  int64_t milliseconds = 0;
  for (const char byte : id.view().substr(0, 6)) {
    milliseconds = milliseconds << 8 | static_cast<unsigned char>(byte);
  }
  return absl::FromUnixMillis(milliseconds);
}

}  // namespace

absl::StatusOr<std::string> MysqlMappingStore::ChangeBytes(const unit::WriteContext& context,
                                                           const NewMapping& mapping,
                                                           const RespondBytes& respond) {
  const bool removes = mapping.target.empty();
  const MappingId id = IdOf(IdOf(mapping.term), mapping.organization);
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    RETURN_IF_ERROR(ShutMappings(sql, mapping.organization));
    // Before the mapping's row: the walk locks them in this order.
    RETURN_IF_ERROR(SetMappingTimer(sql, id, scope.now()));
    ASSIGN_OR_RETURN(const std::optional<Mapping> before, Lock(sql, id));
    const std::string current = before ? before->etag() : "";
    if (removes && current.empty()) return errors::MappingNotFound();
    if (mapping.etag != current) return errors::EtagStale(current);
    if (!before) {
      RETURN_IF_ERROR(Insert(sql, id, mapping, scope.now()));
    } else {
      RETURN_IF_ERROR(sql.Execute(queries::kChangeMapping,
                                  removes ? mysql::Value(nullptr) : mysql::Value(mapping.target),
                                  mapping.target_display, scope.now(), OrganizationId(), ReportId(),
                                  id)
                          .status());
    }
    if (!removes) RETURN_IF_ERROR(Settle(sql, id, mapping, scope.now()));
    ASSIGN_OR_RETURN(const std::optional<Mapping> after, Lock(sql, id));
    if (!after) return absl::InternalError("a mapping is gone under its lock");
    return respond(*after);
  });
}

absl::StatusOr<std::vector<Mapping>> MysqlMappingStore::List(const MappingsQuery& query,
                                                             absl::Time deadline) {
  std::vector<Mapping> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, session.SelectAll<Mapping>(queries::kListMappings, MappingFromRow,
                                                           query.organization, query.with_removed,
                                                           query.before_time, query.before_time,
                                                           query.before_id, query.limit));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<MappingItem>> MysqlMappingStore::ListItems(
    const MappingItemsQuery& query, absl::Time deadline) {
  std::vector<MappingItem> found;
  const auto make = [](const mysql::Row& row) {
    return MappingItem{.organization = row.Id<OrganizationId>(0),
                       .term = TermFromRow(row, 1),
                       .display = row.Text(4),
                       .unit = row.Text(5),
                       .reference_range = row.Text(6),
                       .value_type = static_cast<ValueType>(row.Int(7)),
                       .first_seen_at = row.Time(8),
                       .last_seen_at = row.Time(8)};
  };
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, session.SelectAll<MappingItem>(
                                    queries::kListItems, make, query.organization, query.after_time,
                                    query.after_time, query.after_id, query.limit));
        for (MappingItem& item : found) {
          RETURN_IF_ERROR(session.SelectValues(
              queries::kCountWaiting, {IdOf(item.term), item.organization, kMostCounted},
              [&](const mysql::Row& row) {
                item.waiting_reports = static_cast<int>(row.Int(0));
                if (item.waiting_reports > 0) item.last_seen_at = MadeAt(row.Id(1));
                return absl::OkStatus();
              }));
        }
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<MappingSuggestion>> MysqlMappingStore::Suggest(
    OrganizationId organization, const Term& term, absl::Time deadline) {
  std::vector<MappingSuggestion> suggestions;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const Sample sample, SampleOf(session, IdOf(IdOf(term), organization)));
        std::vector<KnownMapping> known;
        const auto look = [&](const mysql::Query& query, mysql::Value value,
                              SuggestionGround ground) {
          return session.SelectValues(query, {std::move(value)}, [&](const mysql::Row& row) {
            known.push_back({.target = row.Text(0),
                             .target_display = row.Text(1),
                             .sample_unit = row.Text(2),
                             .ground = ground});
            return absl::OkStatus();
          });
        };
        RETURN_IF_ERROR(look(queries::kSuggestByTerm, IdOf(term), SuggestionGround::kSameTerm));
        if (term.kind != TermKind::kUnit && !sample.display.empty()) {
          RETURN_IF_ERROR(
              look(queries::kSuggestByName, sample.display, SuggestionGround::kSameName));
        }
        suggestions = lab::Suggest(term, sample.unit, known);
        return absl::OkStatus();
      }));
  return suggestions;
}

}  // namespace yilian::lab
