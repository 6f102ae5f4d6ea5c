#include "services/scheduling/store/rota_events.h"

#include <set>
#include <string>

#include "yilian/scheduling/v1/rota.pb.h"

namespace yilian::scheduling::events {

outbox::NewEvent RotaChanged(std::string_view type, const rota::Rota& rota,
                             const std::vector<rota::Station>& stations,
                             const rota::RotaEncoding& encoding, absl::Time now) {
  v1::RotaChanged payload;
  *payload.mutable_rota() = encoding.rota(rota);
  std::set<base::Uuid> audience{rota.organization.uuid()};
  for (const rota::Station& station : stations) audience.insert(station.id.uuid());
  outbox::NewEvent event = outbox::NewEvent::Of("rota", rota.id.uuid(), rota.version, payload, now,
                                                {audience.begin(), audience.end()});
  event.type = std::string(type);
  return event;
}

}  // namespace yilian::scheduling::events
