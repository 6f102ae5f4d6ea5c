#include "services/lab/rpc/notice_handlers.h"

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"

namespace yilian::lab {
namespace {

v1::CorrectionNotice ToProto(const CorrectionNotice& notice) {
  v1::CorrectionNotice out;
  out.set_notice_id(notice.id.ToString());
  out.set_kind(static_cast<v1::NoticeKind>(notice.kind));
  out.set_report_id(notice.report.ToString());
  out.set_report_version(notice.report_version);
  out.set_patient_id(notice.patient.ToString());
  out.set_performing_organization_id(notice.performing_organization.ToString());
  out.set_organization_id(notice.organization.ToString());
  out.set_user_id(wire::TextOrEmpty(notice.user));
  wire::SetTime(out.mutable_read_at(), notice.read_at);
  wire::SetTime(out.mutable_created_at(), notice.created_at);
  out.set_tier(notice.tier);
  if (notice.due_at) wire::SetTime(out.mutable_due_at(), *notice.due_at);
  if (notice.acknowledged_at) {
    wire::SetTime(out.mutable_acknowledged_at(), *notice.acknowledged_at);
  }
  out.set_acknowledged_by_user_id(wire::TextOrEmpty(notice.acknowledged_by));
  return out;
}

NoticeActor ActorOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id),
          .user = AccountId(caller.user_id)};
}

}  // namespace

rpc::Dispatch Bind(NoticeHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.CorrectionNoticeService");
  dispatch.Unary("ListCorrectionNotices", &handlers, &NoticeHandlers::List)
      .Unary("AcknowledgeCorrectionNotice", &handlers, &NoticeHandlers::Acknowledge);
  return dispatch;
}

absl::StatusOr<v1::ListCorrectionNoticesResponse> NoticeHandlers::List(
    const rpc::Call& call, const v1::ListCorrectionNoticesRequest& request) {
  const wire::Pages pages(sealer_, call, request);
  NoticesQuery query{.worklist = static_cast<NoticeWorklist>(request.worklist()),
                     .reader = ActorOf(call.caller()),
                     .limit = pages.rows()};
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) {
    query.after_time = after->time;
    query.after_id = NoticeId(after->id);
  }
  ASSIGN_OR_RETURN(std::vector<CorrectionNotice> found, store_.List(query, call.deadline()));
  v1::ListCorrectionNoticesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const CorrectionNotice& last) {
                     return wire::PageKey{.time = last.created_at, .id = last.id.uuid()};
                   }));
  for (const CorrectionNotice& one : found) {
    call.Subject("correction_notice", one.id.uuid(), one.patient.uuid());
    *response.add_notices() = ToProto(one);
  }
  return response;
}

absl::StatusOr<v1::CorrectionNotice> NoticeHandlers::Acknowledge(
    const rpc::Call& call, const v1::AcknowledgeCorrectionNoticeRequest& request) {
  ASSIGN_OR_RETURN(const NoticeId id, NoticeId::Parse(request.notice_id()));
  return store_.Acknowledge<v1::CorrectionNotice>(
      call.write_context(), id, ActorOf(call.caller()),
      [](const CorrectionNotice& after) { return ToProto(after); });
}

}  // namespace yilian::lab
