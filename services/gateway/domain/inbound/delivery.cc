#include "services/gateway/domain/inbound/delivery.h"

#include <fmt/format.h>

#include <algorithm>

namespace yilian::gateway::inbound {
namespace {

// More merges than that in one chain are a mistake, not a life.
constexpr int kLongestChain = 8;

// The last instant that a time of day precision may mean: of a discharge, which is not before the
// admission of the same day.
absl::Time LatestOf(const hl7::DateTime& time, const absl::TimeZone& zone, absl::Time recorded) {
  const absl::Time start = time.Start(zone);
  if (time.precision > hl7::Precision::kDay) return start;
  return std::max(start, std::min(recorded, start + absl::Hours(24) - absl::Seconds(1)));
}

absl::Time RecordedAt(const std::optional<hl7::DateTime>& recorded, const absl::TimeZone& zone,
                      absl::Time received_at) {
  return recorded ? recorded->Start(zone) : received_at;
}

StayNews NewsOf(const Stay& stay, const absl::TimeZone& zone, absl::Time received_at) {
  StayNews news{.event = stay.event, .visit_number = stay.visit_number};
  news.recorded_at = RecordedAt(stay.recorded_at, zone, received_at);
  if (stay.admitted_at) news.admitted_at = stay.admitted_at->Start(zone);
  if (stay.event == StayEvent::kAdmitted && !news.admitted_at) news.admitted_at = news.recorded_at;
  news.discharged_at =
      stay.discharged_at ? LatestOf(*stay.discharged_at, zone, news.recorded_at) : news.recorded_at;
  return news;
}

}  // namespace

// What is the same for every step of a message.
struct Delivery::Envelope {
  const base::Uuid& message_id;
  const Sender& sender;
  absl::Time received_at;
  absl::Time deadline;

  Request ForStep(const std::string& step) const {
    return Request{base::Uuid::V5(message_id, step), sender.organization_id, message_id,
                   sender.time_zone, deadline};
  }

  // Does a step for the patient; where the record was merged meanwhile, for the record that stands
  // for it, as a request of its own: the first one may have been answered before the merge.
  template <typename Step>
  std::optional<DeliveryFailure> ForPatient(const std::string& step, base::Uuid patient,
                                            const Step& perform) const {
    std::optional<DeliveryFailure> failure = perform(ForStep(step), patient);
    for (int hop = 0; failure && failure->survivor && hop < kLongestChain; ++hop) {
      patient = *failure->survivor;
      failure = perform(ForStep(fmt::format("{}/{}", step, patient.ToString())), patient);
    }
    return failure;
  }
};

// The stay before the way back: the hospital's 30 days after a discharge begin whether or not
// `referral` can be reached, and who is told of the way back still finds the patient's data. Killed
// between the two, the message is delivered again from the start; both are done once by their
// request ids.
std::optional<DeliveryFailure> Delivery::DeliverRegistrations(const Work& work,
                                                              const Envelope& envelope) {
  for (size_t i = 0; i < work.registrations.size(); ++i) {
    const auto registered =
        patients_.Register(envelope.ForStep(fmt::format("register/{}", i)), work.registrations[i]);
    if (const auto* failure = std::get_if<DeliveryFailure>(&registered)) return *failure;
    const base::Uuid& patient = std::get<base::Uuid>(registered);
    for (const Stay& stay : work.stays) {
      if (stay.registration != i) continue;
      const StayNews news = NewsOf(stay, envelope.sender.time_zone, envelope.received_at);
      auto failure = envelope.ForPatient(fmt::format("stay/{}", i), patient,
                                         [&](const Request& request, const base::Uuid& one) {
                                           return stays_.Tell(request, one, news);
                                         });
      if (failure) return failure;
    }
    for (const Discharge& discharge : work.discharges) {
      if (discharges_ == nullptr || discharge.registration != i) continue;
      const DischargeNews news{
          .episode = discharge.episode,
          .recorded_at =
              RecordedAt(discharge.recorded_at, envelope.sender.time_zone, envelope.received_at)};
      const auto tell = discharge.cancelled ? &DischargeDesk::Withdraw : &DischargeDesk::Draft;
      auto failure = envelope.ForPatient(fmt::format("discharge/{}", i), patient,
                                         [&](const Request& request, const base::Uuid& one) {
                                           return (discharges_->*tell)(request, one, news);
                                         });
      if (failure) return failure;
    }
  }
  return std::nullopt;
}

std::optional<DeliveryFailure> Delivery::DeliverMerges(const Work& work, const Envelope& envelope) {
  for (size_t i = 0; i < work.merges.size(); ++i) {
    const Merge& merge = work.merges[i];
    const auto surviving =
        patients_.Register(envelope.ForStep(fmt::format("merge/{}/surviving", i)), merge.surviving);
    if (const auto* failure = std::get_if<DeliveryFailure>(&surviving)) return *failure;
    // The record that is given up has no data of its own in the message: it is found by its
    // numbers, or made with the name of the person it stands for.
    Hl7Patient prior = merge.surviving;
    prior.national_id.clear();
    prior.identifiers = merge.prior;
    const auto merged =
        patients_.Register(envelope.ForStep(fmt::format("merge/{}/prior", i)), prior);
    if (const auto* failure = std::get_if<DeliveryFailure>(&merged)) return *failure;
    const base::Uuid& stays = std::get<base::Uuid>(surviving);
    const base::Uuid& goes = std::get<base::Uuid>(merged);
    if (stays == goes) continue;  // merged before
    if (auto failure = patients_.Merge(envelope.ForStep(fmt::format("merge/{}", i)), stays, goes))
      return failure;
  }
  return std::nullopt;
}

std::optional<DeliveryFailure> Delivery::DeliverResults(const Work& work,
                                                        const Envelope& envelope) {
  for (size_t i = 0; i < work.results.size(); ++i) {
    const PatientReports& results = work.results[i];
    const auto patient =
        patients_.Register(envelope.ForStep(fmt::format("patient/{}", i)), results.patient);
    if (const auto* failure = std::get_if<DeliveryFailure>(&patient)) return *failure;
    for (size_t k = 0; k < results.reports.size(); ++k) {
      auto failure =
          envelope.ForPatient(fmt::format("report/{}/{}", i, k), std::get<base::Uuid>(patient),
                              [&](const Request& request, const base::Uuid& one) {
                                return reports_.Ingest(request, one, results.reports[k]);
                              });
      if (failure) return failure;
    }
  }
  return std::nullopt;
}

std::optional<DeliveryFailure> Delivery::Deliver(const Work& work, const base::Uuid& message_id,
                                                 const Sender& sender, absl::Time received_at,
                                                 absl::Time deadline) {
  const Envelope envelope{message_id, sender, received_at, deadline};
  if (auto failure = DeliverRegistrations(work, envelope)) return failure;
  if (auto failure = DeliverMerges(work, envelope)) return failure;
  return DeliverResults(work, envelope);
}

}  // namespace yilian::gateway::inbound
