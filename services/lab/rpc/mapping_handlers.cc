#include "services/lab/rpc/mapping_handlers.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/lab/rpc/laboratory_of.h"

namespace yilian::lab {
namespace {

Term ToDomain(const v1::Term& term) {
  return Trimmed(
      {.kind = static_cast<TermKind>(term.kind()), .system = term.system(), .text = term.text()});
}

v1::Term ToProto(const Term& term) {
  v1::Term out;
  out.set_kind(static_cast<v1::TermKind>(term.kind));
  out.set_system(term.system);
  out.set_text(term.text);
  return out;
}

v1::Mapping ToProto(const Mapping& mapping) {
  v1::Mapping out;
  out.set_organization_id(wire::TextOrEmpty(mapping.organization));
  *out.mutable_term() = ToProto(mapping.term);
  out.set_target(mapping.target);
  out.set_target_display(mapping.target_display);
  out.set_etag(mapping.etag());
  wire::SetTime(out.mutable_defined_at(), mapping.run.started_at);
  v1::MappingRun& run = *out.mutable_run();
  run.set_reports_seen(mapping.run.seen);
  run.set_reports_changed(mapping.run.changed);
  wire::SetTime(run.mutable_started_at(), mapping.run.started_at);
  if (mapping.run.finished_at) wire::SetTime(run.mutable_finished_at(), *mapping.run.finished_at);
  return out;
}

v1::MappingItem ToProto(const MappingItem& item) {
  v1::MappingItem out;
  out.set_organization_id(item.organization.ToString());
  *out.mutable_term() = ToProto(item.term);
  out.set_display(item.display);
  out.set_unit(item.unit);
  out.set_reference_range(item.reference_range);
  out.set_value_type(static_cast<v1::ValueType>(item.value_type));
  wire::SetTime(out.mutable_first_seen_at(), item.first_seen_at);
  wire::SetTime(out.mutable_last_seen_at(), item.last_seen_at);
  out.set_waiting_reports(item.waiting_reports);
  return out;
}

}  // namespace

rpc::Dispatch Bind(MappingHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.MappingService");
  dispatch.Unary("DefineMapping", &handlers, &MappingHandlers::Define)
      .Unary("RemoveMapping", &handlers, &MappingHandlers::Remove)
      .Unary("ListMappings", &handlers, &MappingHandlers::List)
      .Unary("ListMappingItems", &handlers, &MappingHandlers::ListItems)
      .Unary("SuggestMappings", &handlers, &MappingHandlers::Suggest);
  return dispatch;
}

absl::StatusOr<v1::Mapping> MappingHandlers::Define(const rpc::Call& call,
                                                    const v1::DefineMappingRequest& request) {
  NewMapping mapping{.term = ToDomain(request.term()),
                     .target = request.target(),
                     .target_display = request.target_display(),
                     .etag = request.etag()};
  ASSIGN_OR_RETURN(mapping.organization, LaboratoryOf(call, request));
  RETURN_IF_ERROR(CheckMapping(mapping));
  return store_.Change<v1::Mapping>(call.write_context(), mapping,
                                    [](const Mapping& after) { return ToProto(after); });
}

absl::StatusOr<v1::Mapping> MappingHandlers::Remove(const rpc::Call& call,
                                                    const v1::RemoveMappingRequest& request) {
  NewMapping mapping{.term = ToDomain(request.term()), .etag = request.etag()};
  ASSIGN_OR_RETURN(mapping.organization, LaboratoryOf(call, request));
  return store_.Change<v1::Mapping>(call.write_context(), mapping,
                                    [](const Mapping& after) { return ToProto(after); });
}

absl::StatusOr<v1::ListMappingsResponse> MappingHandlers::List(
    const rpc::Call& call, const v1::ListMappingsRequest& request) {
  const wire::Pages pages(sealer_, call, request);
  MappingsQuery query{.with_removed = request.with_removed(), .limit = pages.rows()};
  ASSIGN_OR_RETURN(query.organization, LaboratoryOrRegionOf(call, request));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> before, pages.After());
  if (before) {
    query.before_time = before->time;
    query.before_id = MappingId(before->id);
  }
  ASSIGN_OR_RETURN(std::vector<Mapping> found, store_.List(query, call.deadline()));
  v1::ListMappingsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Mapping& last) {
                     return wire::PageKey{.time = last.run.started_at,
                                          .id = IdOf(IdOf(last.term), last.organization).uuid()};
                   }));
  for (const Mapping& mapping : found) *response.add_mappings() = ToProto(mapping);
  return response;
}

absl::StatusOr<v1::ListMappingItemsResponse> MappingHandlers::ListItems(
    const rpc::Call& call, const v1::ListMappingItemsRequest& request) {
  const wire::Pages pages(sealer_, call, request);
  MappingItemsQuery query{.limit = pages.rows()};
  ASSIGN_OR_RETURN(query.organization, LaboratoryOf(call, request));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_time = after->time;
    query.after_id = MappingId(after->id);
  }
  ASSIGN_OR_RETURN(std::vector<MappingItem> found, store_.ListItems(query, call.deadline()));
  v1::ListMappingItemsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const MappingItem& last) {
                     return wire::PageKey{.time = last.first_seen_at,
                                          .id = IdOf(IdOf(last.term), last.organization).uuid()};
                   }));
  for (const MappingItem& item : found) *response.add_items() = ToProto(item);
  return response;
}

absl::StatusOr<v1::SuggestMappingsResponse> MappingHandlers::Suggest(
    const rpc::Call& call, const v1::SuggestMappingsRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId sender, LaboratoryOf(call, request));
  ASSIGN_OR_RETURN(const std::vector<MappingSuggestion> suggestions,
                   store_.Suggest(sender, ToDomain(request.term()), call.deadline()));
  v1::SuggestMappingsResponse response;
  for (const MappingSuggestion& one : suggestions) {
    v1::MappingSuggestion& out = *response.add_suggestions();
    out.set_target(one.target);
    out.set_target_display(one.target_display);
    out.set_ground(static_cast<v1::SuggestionGround>(one.ground));
    out.set_mappings(one.mappings);
    out.set_same_unit_family(one.same_unit_family);
  }
  return response;
}

}  // namespace yilian::lab
