#include "services/scheduling/rpc/travel_handlers.h"

#include <optional>

#include "common/base/status_macros.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rpc/actor.h"

namespace yilian::scheduling {
namespace {

template <typename Request>
absl::StatusOr<Way> ToWay(const Request& request) {
  Way way;
  ASSIGN_OR_RETURN(way.from, OrganizationId::Parse(request.from_site_id()));
  ASSIGN_OR_RETURN(way.to, OrganizationId::Parse(request.to_site_id()));
  return way;
}

// A way of the own organization, between two sites.
template <typename Request>
absl::StatusOr<Way> OwnWay(const rpc::Call& call, const Request& request) {
  ASSIGN_OR_RETURN(const Way way, ToWay(request));
  if (way.from == way.to) {
    return errors::FieldInvalid({{"to_site_id", "must be another site than from_site_id"}});
  }
  if (!CheckActsFor(call.caller(), way.from).ok()) {
    RETURN_IF_ERROR(CheckActsFor(call.caller(), way.to));
  }
  return way;
}

}  // namespace

v1::TravelTime convert::ToProto(const TravelTime& time) {
  v1::TravelTime proto;
  proto.set_from_site_id(time.way.from.ToString());
  proto.set_to_site_id(time.way.to.ToString());
  proto.set_minutes(static_cast<int32_t>(absl::ToInt64Minutes(time.time)));
  proto.set_source(static_cast<v1::TravelSource>(time.source));
  proto.set_etag(time.etag());
  return proto;
}

rpc::Dispatch Bind(TravelHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.TravelService");
  dispatch.Unary("SetTravelTime", &handlers, &TravelHandlers::SetTravelTime)
      .Unary("RemoveTravelTime", &handlers, &TravelHandlers::RemoveTravelTime)
      .Unary("GetTravelTime", &handlers, &TravelHandlers::GetTravelTime);
  return dispatch;
}

absl::StatusOr<v1::TravelTime> TravelHandlers::SetTravelTime(
    const rpc::Call& call, const v1::SetTravelTimeRequest& request) {
  ASSIGN_OR_RETURN(const Way way, OwnWay(call, request));
  return travel_.Set(call.write_context(), way, absl::Minutes(request.minutes()), request.etag());
}

absl::StatusOr<v1::TravelTime> TravelHandlers::RemoveTravelTime(
    const rpc::Call& call, const v1::RemoveTravelTimeRequest& request) {
  ASSIGN_OR_RETURN(const Way way, OwnWay(call, request));
  return travel_.Set(call.write_context(), way, std::nullopt, request.etag());
}

absl::StatusOr<v1::TravelTime> TravelHandlers::GetTravelTime(
    const rpc::Call& call, const v1::GetTravelTimeRequest& request) {
  ASSIGN_OR_RETURN(const Way way, ToWay(request));
  ASSIGN_OR_RETURN(const TravelTime found, travel_.Get(way, call.deadline()));
  return convert::ToProto(found);
}

}  // namespace yilian::scheduling
