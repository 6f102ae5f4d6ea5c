#include "services/gateway/clients/stay_client.h"

#include "common/rpc/client_call.h"
#include "common/wire/timestamp.h"
#include "services/gateway/clients/failure.h"

namespace yilian::gateway {
namespace {

using Access = directory::v1::AccessService;
using inbound::StayEvent;

hl7::Location LocateStay(std::string_view path) {
  if (path == "visit_number") return {"PV1", 1, 19};
  if (path == "admitted_at") return {"PV1", 1, 44};
  if (path == "discharged_at") return {"PV1", 1, 45};
  if (path == "recorded_at") return {"EVN", 1, 2};
  return {"PV1", 1};
}

// What every request about a stay says.
template <typename Out>
Out About(const inbound::Request& request, const base::Uuid& patient,
          const inbound::StayNews& news) {
  Out out;
  out.set_request_id(request.request_id.ToString());
  out.set_organization_id(request.organization_id.ToString());
  out.set_patient_id(patient.ToString());
  out.set_visit_number(news.visit_number);
  wire::SetTime(out.mutable_recorded_at(), news.recorded_at);
  return out;
}

}  // namespace

StayClient::StayClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Access::NewStub(std::move(channel))) {}

std::optional<inbound::DeliveryFailure> StayClient::Tell(const inbound::Request& request,
                                                         const base::Uuid& patient,
                                                         const inbound::StayNews& news) {
  const auto call = [&](auto method, const auto& out) -> std::optional<inbound::DeliveryFailure> {
    const rpc::ClientCall within = rpc::ClientCall::Until(request.deadline);
    const auto answer = within.Invoke(*stub_, method, out);
    if (answer.ok()) return std::nullopt;
    return FailureOf(answer.status(), LocateStay);
  };
  switch (news.event) {
    case StayEvent::kAdmitted: {
      auto out = About<directory::v1::RecordAdmissionRequest>(request, patient, news);
      wire::SetTime(out.mutable_admitted_at(), *news.admitted_at);
      return call(&Access::Stub::RecordAdmission, out);
    }
    case StayEvent::kDischarged: {
      auto out = About<directory::v1::RecordDischargeRequest>(request, patient, news);
      wire::SetTime(out.mutable_discharged_at(), news.discharged_at);
      if (news.admitted_at) wire::SetTime(out.mutable_admitted_at(), *news.admitted_at);
      return call(&Access::Stub::RecordDischarge, out);
    }
    case StayEvent::kAdmissionCancelled:
      return call(&Access::Stub::CancelAdmission,
                  About<directory::v1::CancelAdmissionRequest>(request, patient, news));
    case StayEvent::kDischargeCancelled: {
      auto out = About<directory::v1::CancelDischargeRequest>(request, patient, news);
      if (news.admitted_at) wire::SetTime(out.mutable_admitted_at(), *news.admitted_at);
      return call(&Access::Stub::CancelDischarge, out);
    }
  }
  return FailureOf(absl::InternalError("an event of no stay"), LocateStay);
}

}  // namespace yilian::gateway
