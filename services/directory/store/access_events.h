// What happened to a patient's access rules, as the events of yilian.directory.v1 say it. None
// carries words about a patient.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/directory/domain/admission.h"
#include "services/directory/domain/broken_glass.h"
#include "services/directory/domain/consent.h"

namespace yilian::directory::events {

// The hospital.
outbox::NewEvent Admitted(const Admission& admission, absl::Time at);
outbox::NewEvent DischargedFrom(const Admission& admission, absl::Time at);
outbox::NewEvent AdmissionCancelled(const Admission& admission, absl::Time at);
outbox::NewEvent DischargeCancelled(const Admission& admission, absl::Time at);
// Those that it names, and who recorded it.
outbox::NewEvent Recorded(const Consent& consent, absl::Time at);
outbox::NewEvent Revoked(const Consent& consent, absl::Time at);
// `audience`: who has to know.
outbox::NewEvent Broken(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                        absl::Time at);
outbox::NewEvent Reviewed(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                          absl::Time at);
outbox::NewEvent ReviewOverdue(const BrokenGlass& glass, const std::vector<base::Uuid>& audience,
                               absl::Time at);

}  // namespace yilian::directory::events
