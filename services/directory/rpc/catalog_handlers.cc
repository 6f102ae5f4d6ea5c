#include "services/directory/rpc/catalog_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/base/status_macros.h"
#include "common/outbox/outbox.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/directory/domain/errors.h"
#include "services/directory/rpc/catalog_convert.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {
namespace {

using convert::ToDomain;
using convert::ToProto;

// Of services and of whoever may read the catalogue: nobody's secret.
outbox::NewEvent ChangedEvent(const CatalogEntry& entry, absl::Time at) {
  v1::CatalogEntryChanged changed;
  *changed.mutable_entry() = ToProto(entry);
  return outbox::NewEvent::Of("catalog_entry", entry.department.uuid(), entry.version, changed, at,
                              {entry.organization.uuid()});
}

// Of services and of the organization itself.
outbox::NewEvent LocatedEvent(const OrganizationLocation& location, absl::Time at) {
  v1::OrganizationLocated located;
  *located.mutable_location() = ToProto(location);
  return outbox::NewEvent::Of("organization_location", location.organization.uuid(),
                              location.version, located, at, {location.organization.uuid()});
}

// The place of a page's last receiver: its score and department. The ranking may have moved since:
// without the department the page goes on below the score.
std::string KeyOf(const Receiver& last) {
  return std::to_string(last.score) + ' ' + last.candidate.department.id.ToString();
}

size_t IndexAfter(const std::vector<Receiver>& ranked, const std::string& key) {
  for (size_t i = 0; i < ranked.size(); ++i) {
    if (key.ends_with(ranked[i].candidate.department.id.ToString())) return i + 1;
  }
  int64_t score = 0;
  if (!absl::SimpleAtoi(key.substr(0, key.find(' ')), &score)) return ranked.size();
  const auto below = std::find_if(ranked.begin(), ranked.end(),
                                  [&](const Receiver& one) { return one.score < score; });
  return static_cast<size_t>(below - ranked.begin());
}

}  // namespace

rpc::Dispatch Bind(CatalogHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.CatalogService");
  dispatch.Unary("DefineCatalogEntry", &handlers, &CatalogHandlers::DefineCatalogEntry)
      .Unary("GetCatalogEntry", &handlers, &CatalogHandlers::GetCatalogEntry)
      .Unary("ListCatalogEntries", &handlers, &CatalogHandlers::ListCatalogEntries)
      .Unary("LocateOrganization", &handlers, &CatalogHandlers::LocateOrganization)
      .Unary("FindReceivers", &handlers, &CatalogHandlers::FindReceivers);
  return dispatch;
}

absl::StatusOr<v1::CatalogEntry> CatalogHandlers::DefineCatalogEntry(
    const rpc::Call& call, const v1::DefineCatalogEntryRequest& request) {
  ASSIGN_OR_RETURN(const CatalogEntry entry, ToDomain(request));
  if (const Violations violations = Check(entry); !violations.empty()) {
    return errors::FieldInvalid(violations);
  }
  const Actor speaker = convert::SpeakerOf(call.caller());
  return deps_.unit.Run<v1::CatalogEntry>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::CatalogEntry> {
        ASSIGN_OR_RETURN(const CatalogEntry after, deps_.catalog.Define(scope, entry, speaker));
        scope.Append(ChangedEvent(after, scope.now()));
        return ToProto(after);
      });
}

absl::StatusOr<v1::CatalogEntry> CatalogHandlers::GetCatalogEntry(
    const rpc::Call& call, const v1::GetCatalogEntryRequest& request) {
  ASSIGN_OR_RETURN(const DepartmentId department, DepartmentId::Parse(request.department_id()));
  ASSIGN_OR_RETURN(const CatalogEntry entry, deps_.catalog.Get(department, call.deadline()));
  return ToProto(entry);
}

absl::StatusOr<v1::ListCatalogEntriesResponse> CatalogHandlers::ListCatalogEntries(
    const rpc::Call& call, const v1::ListCatalogEntriesRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const OrganizationId organization,
                   OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  const DepartmentId last = after ? DepartmentId(after->id) : DepartmentId();
  ASSIGN_OR_RETURN(
      std::vector<CatalogEntry> entries,
      deps_.catalog.List(organization, request.capability(), last, pages.rows(), call.deadline()));
  v1::ListCatalogEntriesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(entries, [](const CatalogEntry& entry) {
                     return wire::PageKey{.id = entry.department.uuid()};
                   }));
  for (const CatalogEntry& entry : entries) *response.add_entries() = ToProto(entry);
  return response;
}

absl::StatusOr<v1::OrganizationLocation> CatalogHandlers::LocateOrganization(
    const rpc::Call& call, const v1::LocateOrganizationRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationLocation location, ToDomain(request));
  if (const Violations violations = Check(location.location); !violations.empty()) {
    return errors::FieldInvalid(violations);
  }
  RETURN_IF_ERROR(MaySpeakFor(convert::SpeakerOf(call.caller()), location.organization));
  return deps_.unit.Run<v1::OrganizationLocation>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::OrganizationLocation> {
        ASSIGN_OR_RETURN(const OrganizationLocation after, deps_.catalog.Locate(scope, location));
        scope.Append(LocatedEvent(after, scope.now()));
        return ToProto(after);
      });
}

absl::StatusOr<v1::FindReceiversResponse> CatalogHandlers::FindReceivers(
    const rpc::Call& call, const v1::FindReceiversRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ReceiverQuery query = ToDomain(request);
  ASSIGN_OR_RETURN(query.referrer, wire::OptionalId<OrganizationId>(request.organization_id()));
  const Actor actor = convert::ActorOf(call.caller());
  if (query.referrer.is_nil()) query.referrer = actor.organization;
  RETURN_IF_ERROR(MaySpeakFor(actor, query.referrer));
  ASSIGN_OR_RETURN(const std::optional<std::string> after, pages.AfterText());
  ASSIGN_OR_RETURN(query.patient, wire::OptionalId<PatientId>(request.patient_id()));
  const absl::Time now = deps_.unit.clock().Now();
  ASSIGN_OR_RETURN(const Referrer referrer,
                   deps_.receivers.GetReferrer(query, actor, now, call.deadline()));
  if (!query.patient.is_nil()) call.Subject("patient", query.patient.uuid(), query.patient.uuid());
  v1::FindReceiversResponse response;
  // Whoever is in no consortium refers to nobody.
  if (referrer.organization.consortium.is_nil()) return response;
  ASSIGN_OR_RETURN(std::vector<Candidate> candidates,
                   deps_.receivers.Candidates(query, referrer, now, call.deadline()));
  const std::vector<Receiver> ranked = Rank(query, referrer, std::move(candidates), now);
  const size_t first = after ? IndexAfter(ranked, *after) : 0;
  const size_t end = std::min(ranked.size(), first + static_cast<size_t>(pages.limit()));
  for (size_t i = first; i < end; ++i) *response.add_receivers() = ToProto(ranked[i]);
  if (end < ranked.size() && end > first) {
    ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                     pages.TokenAfterText(KeyOf(ranked[end - 1])));
  }
  return response;
}

}  // namespace yilian::directory
