#include "services/lab/rpc/critical_handlers.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "services/lab/domain/errors.h"
#include "services/lab/rpc/critical_convert.h"

namespace yilian::lab {
namespace {

CriticalActor ActorOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id),
          .practitioner = PractitionerId(caller.practitioner_id)};
}

}  // namespace

rpc::Dispatch Bind(CriticalHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.CriticalValueService");
  dispatch.Unary("GetCriticalValue", &handlers, &CriticalHandlers::Get)
      .Unary("ListCriticalValues", &handlers, &CriticalHandlers::List)
      .Unary("VerifyCriticalValue", &handlers, &CriticalHandlers::Verify)
      .Unary("RecordNotification", &handlers, &CriticalHandlers::RecordNotification)
      .Unary("ReadBackCriticalValue", &handlers, &CriticalHandlers::ReadBack)
      .Unary("RecordCriticalAction", &handlers, &CriticalHandlers::RecordAction);
  return dispatch;
}

absl::StatusOr<v1::CriticalValue> CriticalHandlers::Run(const rpc::Call& call,
                                                        const std::string& critical_value_id,
                                                        const Command& command) {
  ASSIGN_OR_RETURN(const CriticalValueId id, CriticalValueId::Parse(critical_value_id));
  CriticalActor by = ActorOf(call.caller());
  // Before the transaction, so that no handler asks the directory while it holds a row.
  ASSIGN_OR_RETURN(const std::optional<CriticalRecord> known, deps_.store.Get(id, call.deadline()));
  if (!known) return errors::NotFound();
  if (!known->value.IsShownTo(by)) {
    ASSIGN_OR_RETURN(
        const Sight sight,
        deps_.sights.OfOrganization(known->value.patient, by.organization, call.deadline()));
    by.cares_for_patient = sight.Sees(known->value.sensitive);
  }
  return deps_.store.Update<v1::CriticalValue>(
      call.write_context(), id,
      [&](const CriticalValue& now, absl::Time at) { return command(now, by, at); },
      [](const CriticalRecord& after) { return convert::ToProto(after); });
}

absl::StatusOr<v1::CriticalValue> CriticalHandlers::Get(
    const rpc::Call& call, const v1::GetCriticalValueRequest& request) {
  ASSIGN_OR_RETURN(const CriticalValueId id, CriticalValueId::Parse(request.critical_value_id()));
  ASSIGN_OR_RETURN(const std::optional<CriticalRecord> record,
                   deps_.store.Get(id, call.deadline()));
  if (!record) return errors::NotFound();
  CriticalActor reader = ActorOf(call.caller());
  if (!record->value.IsShownTo(reader)) {
    ASSIGN_OR_RETURN(const Sight sight, deps_.sights.OfCaller(call, record->value.patient));
    reader.cares_for_patient = sight.Sees(record->value.sensitive);
  }
  if (!record->value.IsShownTo(reader)) return errors::NotFound();
  call.Subject("critical_value", id.uuid(), record->value.patient.uuid());
  return convert::ToProto(*record);
}

absl::StatusOr<v1::ListCriticalValuesResponse> CriticalHandlers::List(
    const rpc::Call& call, const v1::ListCriticalValuesRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  CriticalQuery query{.worklist = static_cast<CriticalWorklist>(request.worklist()),
                      .organization = OrganizationId(call.caller().organization_id),
                      .limit = pages.rows()};
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_time = after->time;
    query.after_id = CriticalValueId(after->id);
  }
  ASSIGN_OR_RETURN(std::vector<CriticalValue> found, deps_.store.List(query, call.deadline()));
  v1::ListCriticalValuesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const CriticalValue& last) {
                     return wire::PageKey{.time = last.detected_at, .id = last.id.uuid()};
                   }));
  for (const CriticalValue& one : found) {
    call.Subject("critical_value", one.id.uuid(), one.patient.uuid());
    *response.add_critical_values() = convert::ToProto(one);
  }
  return response;
}

absl::StatusOr<v1::CriticalValue> CriticalHandlers::Verify(
    const rpc::Call& call, const v1::VerifyCriticalValueRequest& request) {
  return Run(call, request.critical_value_id(),
             [](const CriticalValue& now, const CriticalActor& by, absl::Time at) {
               return now.Verify(by, at);
             });
}

absl::StatusOr<v1::CriticalValue> CriticalHandlers::RecordNotification(
    const rpc::Call& call, const v1::RecordNotificationRequest& request) {
  return Run(call, request.critical_value_id(),
             [&](const CriticalValue& now, const CriticalActor& by, absl::Time at) {
               return now.Notify(by, static_cast<NotificationChannel>(request.channel()),
                                 static_cast<NotificationOutcome>(request.outcome()), at);
             });
}

absl::StatusOr<v1::CriticalValue> CriticalHandlers::ReadBack(
    const rpc::Call& call, const v1::ReadBackCriticalValueRequest& request) {
  return Run(call, request.critical_value_id(),
             [&](const CriticalValue& now, const CriticalActor& by, absl::Time at) {
               return now.ReadBack(by, request.value(), deps_.rules, at);
             });
}

absl::StatusOr<v1::CriticalValue> CriticalHandlers::RecordAction(
    const rpc::Call& call, const v1::RecordCriticalActionRequest& request) {
  return Run(call, request.critical_value_id(),
             [&](const CriticalValue& now, const CriticalActor& by, absl::Time at) {
               return now.Act(by, request.action(), at);
             });
}

}  // namespace yilian::lab
