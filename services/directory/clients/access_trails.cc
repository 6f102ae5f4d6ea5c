#include "services/directory/clients/access_trails.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "common/wire/timestamp.h"

namespace yilian::directory {
namespace {

// A report is no emergency, but whoever asks waits for the slowest.
constexpr absl::Duration kPeerTimeout = absl::Seconds(5);

audit::v1::ListAccessesRequest RequestOf(const AccessesQuery& query) {
  audit::v1::ListAccessesRequest request;
  for (const PatientId record : query.records) request.add_data_subject_ids(record.ToString());
  if (query.not_before) wire::SetTime(request.mutable_not_before(), *query.not_before);
  if (query.before) wire::SetTime(request.mutable_before(), *query.before);
  request.set_before_audit_id(wire::TextOrEmpty(query.before_id));
  request.set_limit(query.limit);
  return request;
}

absl::StatusOr<std::vector<RecordAccess>> ToAccesses(
    const audit::v1::ListAccessesResponse& response) {
  std::vector<RecordAccess> accesses;
  for (const audit::v1::Access& one : response.accesses()) {
    RecordAccess access{.occurred_at = wire::ToTime(one.occurred_at()),
                        .method = one.method(),
                        .action = static_cast<AccessAction>(one.action()),
                        .peer = one.peer(),
                        .subject_type = one.subject_type(),
                        .outcome = one.outcome()};
    ASSIGN_OR_RETURN(access.audit_id, base::Uuid::Parse(one.audit_id()));
    ASSIGN_OR_RETURN(access.user, wire::OptionalId<UserId>(one.user_id()));
    ASSIGN_OR_RETURN(access.organization, wire::OptionalId<OrganizationId>(one.organization_id()));
    ASSIGN_OR_RETURN(access.subject_id, wire::OptionalId<base::Uuid>(one.subject_id()));
    accesses.push_back(std::move(access));
  }
  return accesses;
}

}  // namespace

absl::StatusOr<std::vector<RecordAccess>> PeerAccessTrail::List(const AccessesQuery& query,
                                                                absl::Time deadline) {
  const absl::Duration left = deadline - absl::Now() - rpc::kDeadlineReserve;
  ASSIGN_OR_RETURN(
      const audit::v1::ListAccessesResponse response,
      rpc::ClientCall(std::min(left, kPeerTimeout))
          .Invoke(*stub_, &audit::v1::AuditTrail::Stub::ListAccesses, RequestOf(query)));
  return ToAccesses(response);
}

absl::StatusOr<std::vector<RecordAccess>> OwnAccessTrail::List(const AccessesQuery& query,
                                                               absl::Time deadline) {
  ASSIGN_OR_RETURN(const audit::v1::ListAccessesResponse response,
                   service::ReadAccesses(pool_, RequestOf(query), deadline));
  return ToAccesses(response);
}

}  // namespace yilian::directory
