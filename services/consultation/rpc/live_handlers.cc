#include "services/consultation/rpc/live_handlers.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "services/consultation/domain/errors.h"
#include "services/consultation/rpc/convert.h"
#include "services/consultation/rpc/live_convert.h"

namespace yilian::consultation {
namespace {

constexpr int kDefaultPage = 200;

absl::Status CheckPractitioner(const rpc::Call& call) {
  if (!call.caller().practitioner_id.is_nil()) return absl::OkStatus();
  return errors::FieldInvalid(
      {{"authorization", "is the token of an account that belongs to a practitioner"}});
}

OrganizationId OrganizationOf(const rpc::Call& call) {
  return OrganizationId(call.caller().organization_id);
}

}  // namespace

rpc::Dispatch Bind(LiveSessionHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.consultation.v1.LiveSessionService");
  dispatch.Unary("OpenLiveSession", &handlers, &LiveSessionHandlers::Open)
      .Unary("ListLiveSessions", &handlers, &LiveSessionHandlers::List)
      .Unary("ListTranscript", &handlers, &LiveSessionHandlers::ListTranscript)
      .Bidi("JoinSession", &handlers, &LiveSessionHandlers::Join);
  return dispatch;
}

rpc::Dispatch BindRelay(LiveSessionHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.consultation.v1.LiveRelayService");
  dispatch.Unary("RelayFrames", &handlers, &LiveSessionHandlers::Relay);
  return dispatch;
}

absl::StatusOr<v1::LiveSession> LiveSessionHandlers::Open(
    const rpc::Call& call, const v1::OpenLiveSessionRequest& request) {
  RETURN_IF_ERROR(CheckPractitioner(call));
  ASSIGN_OR_RETURN(const ConsultationId id, ConsultationId::Parse(request.consultation_id()));
  return deps_.store.Open<v1::LiveSession>(
      call.write_context(), id, convert::ActorOf(call.caller()),
      [](const LiveSession& session) { return convert::ToProto(session); });
}

absl::StatusOr<v1::ListLiveSessionsResponse> LiveSessionHandlers::List(
    const rpc::Call& call, const v1::ListLiveSessionsRequest& request) {
  ASSIGN_OR_RETURN(const ConsultationId id, ConsultationId::Parse(request.consultation_id()));
  ASSIGN_OR_RETURN(const std::vector<LiveSession> found,
                   deps_.store.List(id, OrganizationOf(call), call.deadline()));
  v1::ListLiveSessionsResponse response;
  for (const LiveSession& one : found) *response.add_live_sessions() = convert::ToProto(one);
  if (!found.empty()) {
    call.Subject("consultation", id.uuid(), found.front().patient.uuid());
  }
  return response;
}

absl::StatusOr<v1::ListTranscriptResponse> LiveSessionHandlers::ListTranscript(
    const rpc::Call& call, const v1::ListTranscriptRequest& request) {
  ASSIGN_OR_RETURN(const LiveSessionId id, LiveSessionId::Parse(request.live_session_id()));
  ASSIGN_OR_RETURN(const LiveSession session,
                   deps_.store.Get(id, OrganizationOf(call), call.deadline()));
  if (!session.IsOver()) {
    // The waiting room is not left by another door.
    ASSIGN_OR_RETURN(const std::optional<Participant> reader,
                     deps_.store.FindParticipant(id, convert::ActorOf(call.caller()).practitioner,
                                                 call.deadline()));
    RETURN_IF_ERROR(reader.value_or(Participant()).CheckTakesPart());
  }
  const int rows = request.page_size() > 0 ? request.page_size() : kDefaultPage;
  ASSIGN_OR_RETURN(const std::vector<TranscriptEntry> entries,
                   deps_.store.Entries(id, request.after_number(), rows, call.deadline()));
  call.Subject("consultation", session.consultation.uuid(), session.patient.uuid());
  v1::ListTranscriptResponse response;
  *response.mutable_live_session() = convert::ToProto(session);
  for (const TranscriptEntry& one : entries) *response.add_entries() = convert::ToProto(one);
  return response;
}

absl::Status LiveSessionHandlers::Join(const rpc::Call& call, std::shared_ptr<LiveStream> stream) {
  RETURN_IF_ERROR(CheckPractitioner(call));
  const auto guest = std::make_shared<LiveGuest>(deps_, call, stream);
  stream->OnMessage([guest](const v1::JoinSessionRequest& frame) { guest->Take(frame); });
  stream->OnHalfClose([guest] { guest->SaidAll(); });
  stream->OnDone([guest] { guest->Gone(); });
  return absl::OkStatus();
}

absl::StatusOr<v1::RelayFramesResponse> LiveSessionHandlers::Relay(
    const rpc::Call&, const v1::RelayFramesRequest& request) {
  deps_.hub.Relay(request);
  return v1::RelayFramesResponse();
}

}  // namespace yilian::consultation
