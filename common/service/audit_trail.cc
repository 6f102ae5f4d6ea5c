#include "common/service/audit_trail.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/wire/timestamp.h"

namespace yilian::service {
namespace {

using audit::v1::Access;
using mysql::Row;

// Index: ix_audit_entry__data_subject, which ends with the primary key.
constexpr mysql::Query kList{
    "audit.ListAccesses",
    "SELECT audit_id, occurred_at, method, action, peer, user_id, organization_id, subject_type, "
    "subject_id, outcome FROM audit_entry WHERE data_subject_id = ? AND position IS NOT NULL "
    "AND occurred_at >= ? AND occurred_at <= ? AND (occurred_at < ? OR audit_id < ?) "
    "ORDER BY occurred_at DESC, audit_id DESC LIMIT ?"};

constexpr absl::Time kEndOfTime = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31

audit::v1::Action ActionOf(const std::string& name) {
  if (name == "READ") return audit::v1::ACTION_READ;
  if (name == "WRITE") return audit::v1::ACTION_WRITE;
  return name == "REFUSED" ? audit::v1::ACTION_REFUSED : audit::v1::ACTION_UNSPECIFIED;
}

Access ToAccess(const Row& row) {
  Access access;
  access.set_audit_id(row.Id(0).ToString());
  wire::SetTime(access.mutable_occurred_at(), row.Time(1));
  access.set_method(row.Text(2));
  access.set_action(ActionOf(row.Text(3)));
  access.set_peer(row.Bytes(4));
  access.set_user_id(wire::TextOrEmpty(row.Id(5)));
  access.set_organization_id(wire::TextOrEmpty(row.Id(6)));
  access.set_subject_type(row.Text(7));
  access.set_subject_id(wire::TextOrEmpty(row.Id(8)));
  access.set_outcome(row.Text(9));
  return access;
}

// Texts of ids are ordered as their bytes are.
bool IsLater(const Access& a, const Access& b) {
  const absl::Time at_a = wire::ToTime(a.occurred_at());
  const absl::Time at_b = wire::ToTime(b.occurred_at());
  return at_a != at_b ? at_a > at_b : a.audit_id() > b.audit_id();
}

}  // namespace

absl::StatusOr<audit::v1::ListAccessesResponse> ReadAccesses(
    mysql::Pool& pool, const audit::v1::ListAccessesRequest& request, absl::Time deadline) {
  const absl::Time not_before =
      request.has_not_before() ? wire::ToTime(request.not_before()) : absl::UnixEpoch();
  const absl::Time before = request.has_before() ? wire::ToTime(request.before()) : kEndOfTime;
  ASSIGN_OR_RETURN(const base::Uuid before_id,
                   wire::OptionalId<base::Uuid>(request.before_audit_id()));
  std::vector<Access> all;
  RETURN_IF_ERROR(mysql::RunRead(pool, deadline, [&](mysql::Session& session) -> absl::Status {
    all.clear();
    for (const std::string& text : request.data_subject_ids()) {
      ASSIGN_OR_RETURN(const base::Uuid subject, base::Uuid::Parse(text));
      ASSIGN_OR_RETURN(const std::vector<Access> part,
                       session.SelectAll<Access>(kList, ToAccess, subject, not_before, before,
                                                 before, before_id, request.limit()));
      all.insert(all.end(), part.begin(), part.end());
    }
    return absl::OkStatus();
  }));
  std::sort(all.begin(), all.end(), IsLater);
  if (all.size() > static_cast<size_t>(request.limit())) {
    all.resize(static_cast<size_t>(request.limit()));
  }
  audit::v1::ListAccessesResponse response;
  for (Access& one : all) *response.add_accesses() = std::move(one);
  return response;
}

rpc::Dispatch Bind(AuditTrail& trail) {
  rpc::Dispatch dispatch("yilian.audit.v1.AuditTrail");
  dispatch.Unary("ListAccesses", &trail, &AuditTrail::ListAccesses);
  return dispatch;
}

}  // namespace yilian::service
