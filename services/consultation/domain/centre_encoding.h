// How reading centres look in events. rpc/centre_convert knows; the store is handed it.
#pragma once

#include <functional>

#include "services/consultation/domain/reading_centre.h"

namespace yilian::consultation {

// Messages of the wire; nothing here looks into them.
namespace v1 {
class ReadingCentre;
class ReadingMember;
}  // namespace v1

struct CentreEncoding {
  std::function<v1::ReadingCentre(const ReadingCentre&)> centre;
  std::function<v1::ReadingMember(const ReadingMember&)> member;
};

}  // namespace yilian::consultation
