// What happens to inbound messages, as metrics and alarms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/observe/metrics.h"
#include "services/gateway/domain/inbound/intake.h"

namespace yilian::gateway {

// Thread-safe. `yilian_gateway_messages_total{sender, outcome}`: senders are those of the
// configuration, so the number of series is known.
class MeteredObserver : public inbound::IntakeObserver {
 public:
  MeteredObserver(observe::Metrics& metrics, const std::vector<inbound::Sender>& senders);
  void OnMessage(const inbound::NewMessage& message, Event event, std::string_view reason) override;

 private:
  static constexpr int kEvents = 7;
  struct Counters {
    std::string sender;
    observe::Counter* events[kEvents];
  };
  std::vector<Counters> counters_;  // the last one: of unknown senders
};

}  // namespace yilian::gateway
