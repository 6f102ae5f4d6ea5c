#include "services/scheduling/rpc/rota_handlers.h"

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "services/scheduling/rpc/actor.h"
#include "services/scheduling/rpc/rota_plan_convert.h"
#include "services/scheduling/rpc/rota_problem_convert.h"

namespace yilian::scheduling {

using convert::ToDomain;

rpc::Dispatch Bind(RotaHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.RotaService");
  dispatch.Unary("PlanRota", &handlers, &RotaHandlers::PlanRota)
      .Unary("GetRota", &handlers, &RotaHandlers::GetRota)
      .Unary("ListRotas", &handlers, &RotaHandlers::ListRotas)
      .Unary("CancelRota", &handlers, &RotaHandlers::CancelRota)
      .Unary("EditRota", &handlers, &RotaHandlers::EditRota)
      .Unary("CheckRota", &handlers, &RotaHandlers::CheckRota)
      .Unary("PublishRota", &handlers, &RotaHandlers::PublishRota);
  return dispatch;
}

absl::StatusOr<v1::Rota> RotaHandlers::PlanRota(const rpc::Call& call,
                                                const v1::PlanRotaRequest& request) {
  rota::NewRota wanted{.code = request.code()};
  ASSIGN_OR_RETURN(wanted.organization, OrganizationId::Parse(request.organization_id()));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), wanted.organization));
  ASSIGN_OR_RETURN(const rota::Asked asked, ToDomain(request.problem()));
  wanted.first_day = asked.problem.first_day;
  wanted.weeks = asked.problem.weeks;
  wanted.problem = request.problem().SerializeAsString();
  return deps_.rotas.Plan(call.write_context(), wanted);
}

absl::StatusOr<v1::GetRotaResponse> RotaHandlers::GetRota(const rpc::Call& call,
                                                          const v1::GetRotaRequest& request) {
  ASSIGN_OR_RETURN(const RotaId id, RotaId::Parse(request.rota_id()));
  ASSIGN_OR_RETURN(const rota::RotaView view,
                   deps_.rotas.Get(id, ActorOf(call.caller()), call.deadline()));
  v1::GetRotaResponse response;
  *response.mutable_rota() = convert::ToProto(view.rota);
  const bool read =
      (view.plan.empty() || response.mutable_plan()->ParseFromString(view.plan)) &&
      (!request.with_problem() || response.mutable_problem()->ParseFromString(view.problem));
  if (!read) return absl::DataLossError("a stored rota does not parse");
  return response;
}

absl::StatusOr<v1::ListRotasResponse> RotaHandlers::ListRotas(const rpc::Call& call,
                                                              const v1::ListRotasRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization,
                   OrganizationId::Parse(request.organization_id()));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), organization));
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  const RotaId before = key ? RotaId(key->id) : RotaId();
  ASSIGN_OR_RETURN(std::vector<rota::Rota> found,
                   deps_.rotas.List(organization, before, pages.rows(), call.deadline()));
  v1::ListRotasResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const rota::Rota& last) {
                     return wire::PageKey{.time = last.created_at, .id = last.id.uuid()};
                   }));
  for (const rota::Rota& rota : found) *response.add_rotas() = convert::ToProto(rota);
  return response;
}

absl::StatusOr<v1::Rota> RotaHandlers::CancelRota(const rpc::Call& call,
                                                  const v1::CancelRotaRequest& request) {
  ASSIGN_OR_RETURN(const RotaId id, RotaId::Parse(request.rota_id()));
  return deps_.rotas.Cancel(call.write_context(), id, ActorOf(call.caller()));
}

absl::StatusOr<v1::RotaReview> RotaHandlers::EditRota(const rpc::Call& call,
                                                      const v1::EditRotaRequest& request) {
  ASSIGN_OR_RETURN(const RotaId id, RotaId::Parse(request.rota_id()));
  return deps_.rotas.Edit(call.write_context(), id, ActorOf(call.caller()), request.etag(),
                          [&](const rota::Asked& asked) { return ToDomain(request, asked); });
}

absl::StatusOr<v1::RotaReview> RotaHandlers::CheckRota(const rpc::Call& call,
                                                       const v1::CheckRotaRequest& request) {
  ASSIGN_OR_RETURN(const RotaId id, RotaId::Parse(request.rota_id()));
  return deps_.rotas.Check(id, ActorOf(call.caller()), call.deadline());
}

absl::StatusOr<v1::PublishRotaResponse> RotaHandlers::PublishRota(
    const rpc::Call& call, const v1::PublishRotaRequest& request) {
  ASSIGN_OR_RETURN(const RotaId id, RotaId::Parse(request.rota_id()));
  return deps_.rotas.Publish(call.write_context(), id, ActorOf(call.caller()), request.etag());
}

}  // namespace yilian::scheduling
