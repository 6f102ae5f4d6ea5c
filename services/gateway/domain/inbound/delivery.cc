#include "services/gateway/domain/inbound/delivery.h"

#include <fmt/format.h>

namespace yilian::gateway::inbound {

std::optional<DeliveryFailure> Delivery::Deliver(const Work& work, const base::Uuid& message_id,
                                                 const Sender& sender, absl::Time deadline) {
  const auto request = [&](const std::string& step) {
    return Request{base::Uuid::V5(message_id, step), sender.organization_id, message_id,
                   sender.time_zone, deadline};
  };
  for (size_t i = 0; i < work.registrations.size(); ++i) {
    const auto registered =
        patients_.Register(request(fmt::format("register/{}", i)), work.registrations[i]);
    if (const auto* failure = std::get_if<DeliveryFailure>(&registered)) return *failure;
    for (const Discharge& discharge : work.discharges) {
      if (discharges_ == nullptr || discharge.registration != i) continue;
      if (auto failure = discharges_->Draft(request(fmt::format("discharge/{}", i)),
                                            std::get<base::Uuid>(registered), discharge.episode))
        return failure;
    }
  }
  for (size_t i = 0; i < work.merges.size(); ++i) {
    const Merge& merge = work.merges[i];
    const auto surviving =
        patients_.Register(request(fmt::format("merge/{}/surviving", i)), merge.surviving);
    if (const auto* failure = std::get_if<DeliveryFailure>(&surviving)) return *failure;
    // The record that is given up has no data of its own in the message: it is found by its
    // numbers, or made with the name of the person it stands for.
    Hl7Patient prior = merge.surviving;
    prior.national_id.clear();
    prior.identifiers = merge.prior;
    const auto merged = patients_.Register(request(fmt::format("merge/{}/prior", i)), prior);
    if (const auto* failure = std::get_if<DeliveryFailure>(&merged)) return *failure;
    const base::Uuid& stays = std::get<base::Uuid>(surviving);
    const base::Uuid& goes = std::get<base::Uuid>(merged);
    if (stays == goes) continue;  // merged before
    if (auto failure = patients_.Merge(request(fmt::format("merge/{}", i)), stays, goes))
      return failure;
  }
  for (size_t i = 0; i < work.results.size(); ++i) {
    const PatientReports& results = work.results[i];
    const auto patient = patients_.Register(request(fmt::format("patient/{}", i)), results.patient);
    if (const auto* failure = std::get_if<DeliveryFailure>(&patient)) return *failure;
    for (size_t k = 0; k < results.reports.size(); ++k) {
      auto failure = reports_.Ingest(request(fmt::format("report/{}/{}", i, k)),
                                     std::get<base::Uuid>(patient), results.reports[k]);
      if (failure) return failure;
    }
  }
  return std::nullopt;
}

}  // namespace yilian::gateway::inbound
