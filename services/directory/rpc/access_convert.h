// Between the wire and the domain, for yilian.directory.v1.AccessService.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "services/directory/domain/admission.h"
#include "services/directory/domain/broken_glass.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/consent.h"
#include "services/directory/domain/record_access.h"
#include "yilian/directory/v1/access.pb.h"

namespace yilian::directory::convert {

v1::CareRelationship ToProto(const CareRelationship& relationship,
                             const std::string& organization_name);
v1::Admission ToProto(const Admission& admission);
v1::Consent ToProto(const Consent& consent);
v1::BrokenGlass ToProto(const BrokenGlass& glass);
v1::RecordAccess ToProto(const RecordAccess& access);

// What the caller tells of a stay. Without a recorded_at it is recorded now.
absl::StatusOr<StayNews> ToDomain(const v1::RecordAdmissionRequest& request, absl::Time now);
absl::StatusOr<StayNews> ToDomain(const v1::RecordDischargeRequest& request, absl::Time now);
absl::StatusOr<StayNews> ToDomain(const v1::CancelAdmissionRequest& request, absl::Time now);
absl::StatusOr<StayNews> ToDomain(const v1::CancelDischargeRequest& request, absl::Time now);

// The consent that the caller records now.
absl::StatusOr<Consent> ToDomain(const v1::RecordConsentRequest& request, const Actor& actor,
                                 absl::Time now);

}  // namespace yilian::directory::convert
