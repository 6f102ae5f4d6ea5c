// A reading centre, its readers on duty and the studies that wait there.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/pool.h"
#include "services/consultation/domain/types.h"

namespace yilian::bench {

struct StudyRoom {
  consultation::OrganizationId hospital;
  consultation::CentreId centre;
  std::vector<consultation::PractitionerId> readers;
  // By urgency, then by clock: as they have to be claimed.
  std::vector<consultation::ConsultationId> order;
};

// Into an empty schema. One study in fifty is an emergency, one in ten urgent; they come in no
// order.
absl::StatusOr<StudyRoom> FurnishStudyRoom(mysql::Pool& pool, int readers, int studies);

}  // namespace yilian::bench
