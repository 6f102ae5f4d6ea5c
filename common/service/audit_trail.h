// yilian.audit.v1.AuditTrail: the part of this service's audit trail that concerns one person.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "yilian/audit/v1/audit.pb.h"

namespace yilian::service {

// Linked records only: what the chain vouches for. Index: ix_audit_entry__data_subject.
absl::StatusOr<audit::v1::ListAccessesResponse> ReadAccesses(
    mysql::Pool& pool, const audit::v1::ListAccessesRequest& request, absl::Time deadline);

// Thread-safe; `pool` outlives it. Every service serves one.
class AuditTrail {
 public:
  explicit AuditTrail(mysql::Pool& pool) : pool_(pool) {}
  absl::StatusOr<audit::v1::ListAccessesResponse> ListAccesses(
      const rpc::Call& call, const audit::v1::ListAccessesRequest& request) {
    return ReadAccesses(pool_, request, call.deadline());
  }

 private:
  mysql::Pool& pool_;
};

rpc::Dispatch Bind(AuditTrail& trail);

}  // namespace yilian::service
