// Between the wire and the domain. Field rules were checked by the frame; what is left to fail is
// an id's text.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/domain/requests.h"
#include "yilian/scheduling/v1/scheduling.pb.h"
#include "yilian/scheduling/v1/wait_list.pb.h"

namespace yilian::scheduling::convert {

v1::Booking ToProto(const Booking& booking);
v1::Session ToProto(const SessionView& view);
v1::ClinicRule ToProto(const ClinicRule& rule);
ClinicRule ToDomain(const v1::ClinicRule& rule);
v1::WaitListEntry ToProto(const WaitListView& view);
// The three, as the store takes them.
Encoding StoreEncoding();

// To the microsecond, as it is stored.
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
Span ToSpan(const type::v1::Period& period);
absl::StatusOr<std::vector<Quota>> ToQuotas(
    const google::protobuf::RepeatedPtrField<v1::PoolQuota>& asked);

absl::StatusOr<NewSession> ToDomain(const v1::CreateSessionRequest& request);
// Without `hold`, which is the region's to say when the request does not.
absl::StatusOr<RescheduleCommand> ToDomain(const v1::RescheduleBookingRequest& request);
absl::StatusOr<HoldCommand> ToDomain(const v1::HoldSeatRequest& request);
// Without the page.
absl::StatusOr<SessionFilter> ToDomain(const v1::SearchSessionsRequest& request);

}  // namespace yilian::scheduling::convert
