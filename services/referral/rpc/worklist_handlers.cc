#include "services/referral/rpc/worklist_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/outbox/watch.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

v1::WorklistEntry ToProto(const WorklistEntry& entry) {
  v1::WorklistEntry out;
  out.set_referral_id(entry.referral.ToString());
  out.set_patient_id(entry.patient.ToString());
  out.set_direction(static_cast<v1::Direction>(entry.direction));
  out.set_channel(static_cast<v1::Channel>(entry.channel));
  out.set_setting(static_cast<v1::Setting>(entry.setting));
  out.set_urgency(static_cast<v1::Urgency>(entry.urgency));
  out.set_state(static_cast<v1::State>(entry.state));
  out.set_referring_organization_id(entry.referring_organization.ToString());
  out.set_receiving_organization_id(entry.receiving_organization.ToString());
  out.set_receiving_department_id(wire::TextOrEmpty(entry.receiving_department));
  out.set_complaint(entry.complaint);
  if (entry.due_at) wire::SetTime(out.mutable_due_at(), *entry.due_at);
  out.set_escalation_tier(entry.escalation_tier);
  out.set_etag(base::EtagOf(entry.version));
  if (!entry.task) {
    wire::SetTime(out.mutable_clock_at(), entry.clock_at);
    return out;
  }
  v1::FollowUpTask* task = out.mutable_task();
  task->set_task_id(entry.task->id.ToString());
  task->set_instruction(entry.task->instruction);
  task->set_due_date(absl::FormatCivilTime(entry.task->due_date));
  task->set_state(static_cast<v1::FollowUpTask::State>(entry.task->state));
  task->set_escalation_tier(entry.task->escalation_tier);
  task->set_reschedule_count(entry.task->reschedule_count);
  task->set_reschedule_reason(entry.task->reschedule_reason);
  return out;
}

bool OfRegion(const rpc::Caller& caller) {
  return caller.HasRole(policy::v1::ROLE_REGIONAL_ADMINISTRATOR);
}

// A system works for everybody in its organization.
bool WorksOn(const rpc::Caller& caller, WorklistKind kind) {
  if (!caller.is_person()) return true;
  for (const policy::v1::Role role : caller.roles) {
    std::optional<Desk> desk;
    switch (role) {
      case policy::v1::ROLE_CLINIC_DOCTOR:
      case policy::v1::ROLE_FAMILY_DOCTOR:
        desk = Desk::kClinic;
        break;
      case policy::v1::ROLE_HOSPITAL_DOCTOR:
      case policy::v1::ROLE_EXPERT:
        desk = Desk::kHospital;
        break;
      case policy::v1::ROLE_REFERRAL_COORDINATOR:
        desk = Desk::kReferralOffice;
        break;
      case policy::v1::ROLE_REGIONAL_ADMINISTRATOR:
        desk = Desk::kRegion;
        break;
      default:
        break;
    }
    if (!desk) continue;
    const std::vector<WorklistKind> lists = WorklistsOf(*desk);
    if (std::find(lists.begin(), lists.end(), kind) != lists.end()) return true;
  }
  return false;
}

void Show(event::v1::Event& event, v1::WatchReferralsResponse& out) {
  v1::ReferralChanged change;
  // Other aggregates of this service have other payloads.
  if (!event.payload().UnpackTo(&change)) return;
  v1::ReferralEvent* shown = out.add_events();
  shown->set_event_id(std::move(*event.mutable_event_id()));
  shown->set_type(std::move(*event.mutable_type()));
  shown->set_version(event.aggregate_version());
  shown->mutable_occurred_at()->Swap(event.mutable_occurred_at());
  shown->mutable_change()->Swap(&change);
}

}  // namespace

rpc::Dispatch Bind(WorklistHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.referral.v1.ReferralWorklistService");
  dispatch.Unary("ListWorklist", &handlers, &WorklistHandlers::List)
      .Unary("CountWorklists", &handlers, &WorklistHandlers::Count)
      .Stream("WatchReferrals", &handlers, &WorklistHandlers::Watch);
  return dispatch;
}

absl::StatusOr<v1::ListWorklistResponse> WorklistHandlers::List(
    const rpc::Call& call, const v1::ListWorklistRequest& request) {
  const auto kind = static_cast<WorklistKind>(request.worklist());
  if (request.days_ahead() != 0 && !HasHorizon(kind)) {
    return errors::FieldInvalid({{"days_ahead", "goes with ARRIVING and FOLLOW_UPS_DUE"}});
  }
  const wire::Pages pages(deps_.sealer, call, request);
  WorklistPage page{.organization = OrganizationId(call.caller().organization_id),
                    .kind = kind,
                    .of_region = OfRegion(call.caller()),
                    .times = WorklistTimes::At(deps_.clock.Now(), deps_.zone, request.days_ahead()),
                    .limit = pages.rows()};
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    page.after_time = after->time;
    page.after_id = after->id;
  }
  ASSIGN_OR_RETURN(std::vector<WorklistEntry> entries, deps_.store.List(page, call.deadline()));
  v1::ListWorklistResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(entries, [](const WorklistEntry& last) {
                     return wire::PageKey{.time = last.clock_at, .id = last.key_id()};
                   }));
  absl::flat_hash_set<base::Uuid> named;  // two follow-ups may be of one referral
  for (const WorklistEntry& entry : entries) {
    if (named.insert(entry.referral.uuid()).second) {
      call.Subject("referral", entry.referral.uuid(), entry.patient.uuid());
    }
    *response.add_entries() = ToProto(entry);
  }
  return response;
}

absl::StatusOr<v1::CountWorklistsResponse> WorklistHandlers::Count(
    const rpc::Call& call, const v1::CountWorklistsRequest&) {
  const rpc::Caller& caller = call.caller();
  ASSIGN_OR_RETURN(
      const std::vector<WorklistCount> counts,
      deps_.store.Count(OrganizationId(caller.organization_id), OfRegion(caller),
                        WorklistTimes::At(deps_.clock.Now(), deps_.zone, 0), call.deadline()));
  v1::CountWorklistsResponse response;
  for (const WorklistCount& count : counts) {
    if (!WorksOn(caller, count.kind)) continue;
    v1::WorklistCount* out = response.add_counts();
    out->set_worklist(static_cast<v1::WorklistKind>(count.kind));
    out->set_entries(count.entries);
    out->set_more(count.more);
  }
  return response;
}

absl::Status WorklistHandlers::Watch(
    const rpc::Call& call, const v1::WatchReferralsRequest& request,
    std::shared_ptr<rpc::ServerStream<v1::WatchReferralsResponse>> stream) {
  return outbox::StartWatch<v1::WatchReferralsResponse>(
      {.feed = deps_.feed, .sealer = deps_.sealer, .purpose = "referral.watch"}, call,
      request.resume_token(), std::move(stream), Show);
}

}  // namespace yilian::referral
