#include "services/scheduling/rpc/wait_list_handlers.h"

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rpc/actor.h"
#include "services/scheduling/rpc/convert.h"

namespace yilian::scheduling {
namespace {

absl::StatusOr<WaitListWish> ToDomain(const v1::JoinWaitListRequest& request) {
  WaitListWish wish{.time = convert::ToSpan(request.time())};
  ASSIGN_OR_RETURN(wish.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(wish.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(wish.department, DepartmentId::Parse(request.department_id()));
  ASSIGN_OR_RETURN(wish.session, wire::OptionalId<SessionId>(request.session_id()));
  ASSIGN_OR_RETURN(wish.practitioner, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  return wish;
}

}  // namespace

rpc::Dispatch Bind(WaitListHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.WaitListService");
  dispatch.Unary("JoinWaitList", &handlers, &WaitListHandlers::JoinWaitList)
      .Unary("AcceptWaitListOffer", &handlers, &WaitListHandlers::AcceptWaitListOffer)
      .Unary("DeclineWaitListOffer", &handlers, &WaitListHandlers::DeclineWaitListOffer)
      .Unary("LeaveWaitList", &handlers, &WaitListHandlers::LeaveWaitList)
      .Unary("GetWaitListEntry", &handlers, &WaitListHandlers::GetWaitListEntry)
      .Unary("ListWaitList", &handlers, &WaitListHandlers::ListWaitList);
  return dispatch;
}

absl::StatusOr<v1::WaitListEntry> WaitListHandlers::JoinWaitList(
    const rpc::Call& call, const v1::JoinWaitListRequest& request) {
  ASSIGN_OR_RETURN(WaitListWish wish, ToDomain(request));
  wish.coordinator = IsCoordinator(call.caller());
  RETURN_IF_ERROR(CheckActsFor(call.caller(), wish.organization));
  ASSIGN_OR_RETURN(
      const bool known,
      deps_.relationships.MaySee(wish.patient.uuid(), wish.organization.uuid(), call.deadline()));
  if (!known) return errors::PatientNotFound();
  return deps_.list.Join(call.write_context(), wish);
}

absl::StatusOr<v1::WaitListEntry> WaitListHandlers::AcceptWaitListOffer(
    const rpc::Call& call, const v1::WaitListOfferRequest& request) {
  ASSIGN_OR_RETURN(const WaitListEntryId id, WaitListEntryId::Parse(request.entry_id()));
  return deps_.list.Accept(call.write_context(), id, ActorOf(call.caller()), request.etag());
}

absl::StatusOr<v1::WaitListEntry> WaitListHandlers::DeclineWaitListOffer(
    const rpc::Call& call, const v1::WaitListOfferRequest& request) {
  ASSIGN_OR_RETURN(const WaitListEntryId id, WaitListEntryId::Parse(request.entry_id()));
  return deps_.list.Decline(call.write_context(), id, ActorOf(call.caller()), request.etag());
}

absl::StatusOr<v1::WaitListEntry> WaitListHandlers::LeaveWaitList(
    const rpc::Call& call, const v1::LeaveWaitListRequest& request) {
  ASSIGN_OR_RETURN(const WaitListEntryId id, WaitListEntryId::Parse(request.entry_id()));
  return deps_.list.Leave(call.write_context(), id, ActorOf(call.caller()), request.reason());
}

absl::StatusOr<v1::WaitListEntry> WaitListHandlers::GetWaitListEntry(
    const rpc::Call& call, const v1::GetWaitListEntryRequest& request) {
  ASSIGN_OR_RETURN(const WaitListEntryId id, WaitListEntryId::Parse(request.entry_id()));
  ASSIGN_OR_RETURN(const WaitListView view,
                   deps_.list.Get(id, ActorOf(call.caller()), call.deadline()));
  call.Subject("wait_list_entry", view.entry.id.uuid(), view.entry.patient.uuid());
  return convert::ToProto(view);
}

absl::StatusOr<v1::ListWaitListResponse> WaitListHandlers::ListWaitList(
    const rpc::Call& call, const v1::ListWaitListRequest& request) {
  WaitListFilter filter{.for_own_sessions = request.for_own_sessions()};
  ASSIGN_OR_RETURN(filter.organization, OrganizationId::Parse(request.organization_id()));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), filter.organization));
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  const WaitListEntryId after = key ? WaitListEntryId(key->id) : WaitListEntryId();
  ASSIGN_OR_RETURN(std::vector<WaitListEntry> found,
                   deps_.list.List(filter, after, pages.rows(), call.deadline()));
  v1::ListWaitListResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const WaitListEntry& last) {
                     return wire::PageKey{.time = absl::UnixEpoch(), .id = last.id.uuid()};
                   }));
  for (const WaitListEntry& entry : found) {
    call.Subject("wait_list_entry", entry.id.uuid(), entry.patient.uuid());
    *response.add_entries() = convert::ToProto({.entry = entry});
  }
  return response;
}

}  // namespace yilian::scheduling
