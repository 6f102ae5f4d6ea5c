// Practitioners over time between the wire and the domain, and their events.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/directory/domain/practitioner.h"
#include "yilian/directory/v1/practitioner.pb.h"

namespace yilian::directory::convert {

// Numbers of certificates leave masked.
v1::PractitionerProfile ToProto(const PractitionerProfile& profile);

// With the number in its normal form. FIELD_INVALID.
absl::StatusOr<Qualification> ToDomain(const v1::RecordQualificationRequest& request,
                                       absl::Time now);
absl::StatusOr<Practice> ToDomain(const v1::BeginPracticeRequest& request, absl::Time now);

// Of the services; without the number.
outbox::NewEvent ChangedEvent(const QualificationChange& change, absl::Time at);
// Of the services and of the organization.
outbox::NewEvent ChangedEvent(const PracticeChange& change, absl::Time at);

}  // namespace yilian::directory::convert
