#include "services/gateway/app/metered_observer.h"

#include <algorithm>

#include "common/observe/log.h"

namespace yilian::gateway {
namespace {

constexpr const char* kOutcomes[] = {
    "delivered", "parked", "refused", "postponed", "replayed", "control_id_reused", "store_failed"};

}  // namespace

MeteredObserver::MeteredObserver(observe::Metrics& metrics,
                                 const std::vector<inbound::Sender>& senders) {
  const auto add = [&](const std::string& sender) {
    Counters counters{sender, {}};
    for (int i = 0; i < kEvents; ++i) {
      counters.events[i] = &metrics.GetCounter("yilian_gateway_messages_total",
                                               "HL7 messages by sender and what became of them.",
                                               {{"sender", sender}, {"outcome", kOutcomes[i]}});
    }
    counters_.push_back(counters);
  };
  for (const inbound::Sender& sender : senders) add(sender.name);
  add("");
}

void MeteredObserver::OnMessage(const inbound::NewMessage& message, Event event,
                                std::string_view reason) {
  auto found = std::find_if(counters_.begin(), counters_.end(),
                            [&](const Counters& one) { return one.sender == message.sender; });
  if (found == counters_.end()) found = counters_.end() - 1;
  found->events[static_cast<int>(event)]->Increment();
  if (event == Event::kDelivered || event == Event::kReplayed) return;
  const bool alarm = event == Event::kControlIdReused || event == Event::kStoreFailed;
  observe::Log(alarm ? observe::Level::kError : observe::Level::kWarn, "HL7 message not delivered",
               {{"sender", message.sender},
                {"peer", message.peer},
                {"type", message.message_type},
                {"message_id", message.message_id},
                {"outcome", kOutcomes[static_cast<int>(event)]},
                {"reason", reason}});
}

}  // namespace yilian::gateway
