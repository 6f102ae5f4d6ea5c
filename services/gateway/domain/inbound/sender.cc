#include "services/gateway/domain/inbound/sender.h"

#include <algorithm>

namespace yilian::gateway::inbound {

const Sender* SenderRegistry::Find(const Peer& peer, std::string_view application,
                                   std::string_view facility) const {
  const Sender* best = nullptr;
  int best_named = -1;
  for (const Sender& sender : senders_) {
    if (std::find(peer.senders.begin(), peer.senders.end(), sender.name) == peer.senders.end())
      continue;
    if (!sender.application.empty() && sender.application != application) continue;
    if (!sender.facility.empty() && sender.facility != facility) continue;
    const int named = !sender.application.empty() + !sender.facility.empty();
    if (named > best_named) {
      best = &sender;
      best_named = named;
    }
  }
  return best;
}

const Sender* SenderRegistry::Named(std::string_view name) const {
  const auto found = std::find_if(senders_.begin(), senders_.end(),
                                  [&](const Sender& sender) { return sender.name == name; });
  return found == senders_.end() ? nullptr : &*found;
}

}  // namespace yilian::gateway::inbound
