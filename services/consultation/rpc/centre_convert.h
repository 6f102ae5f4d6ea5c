// Reading centres between the wire and the domain.
#pragma once

#include "services/consultation/domain/centre_encoding.h"
#include "services/consultation/domain/reading_centre_store.h"
#include "yilian/consultation/v1/reading_centre.pb.h"

namespace yilian::consultation::convert {

v1::ReadingCentre ToProto(const ReadingCentre& centre);
v1::ReadingMember ToProto(const ReadingMember& member);
v1::CountReadingWorklistResponse ToProto(const ReadingCounts& counts);
CentrePlan ToDomain(const v1::ReadingCentrePlan& plan);
ReadingRights ToDomain(const v1::ReadingRights& rights);
CentreEncoding CentreEncodingOfTheWire();

}  // namespace yilian::consultation::convert
