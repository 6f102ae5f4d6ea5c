// How the domain's things look on the wire. rpc/convert knows; the store is handed it, since
// answers are remembered and events are sent in that form.
#pragma once

#include <functional>

#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/requests.h"
#include "services/scheduling/domain/wait_list.h"

namespace yilian::scheduling {

// Messages of the wire; nothing here looks into them.
namespace v1 {
class Booking;
class Session;
class WaitListEntry;
}  // namespace v1

struct Encoding {
  std::function<v1::Booking(const Booking&)> booking;
  std::function<v1::Session(const SessionView&)> session;
  std::function<v1::WaitListEntry(const WaitListView&)> wait_list_entry;
};

}  // namespace yilian::scheduling
