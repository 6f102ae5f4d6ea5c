// The directory's word that two records are one patient, as a consumer gets it.
#pragma once

#include "common/base/uuid.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::test_support {

inline event::v1::Event MergeEvent(const base::Uuid& survivor, const base::Uuid& merged) {
  directory::v1::PatientsMerged payload;
  payload.set_merge_id(base::Uuid::V7().ToString());
  payload.set_surviving_patient_id(survivor.ToString());
  payload.set_merged_patient_id(merged.ToString());
  event::v1::Event event;
  event.set_event_id(base::Uuid::V7().ToString());
  event.set_type("PatientsMerged");
  event.mutable_payload()->PackFrom(payload);
  return event;
}

}  // namespace yilian::test_support
