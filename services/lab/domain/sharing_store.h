// Where sensitive codes and grants are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/sharing.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

struct SensitiveCodesQuery {
  // Key of the last row of the page before.
  std::string after_system;
  std::string after_code;
  int limit = 50;
};

// Implementations are thread-safe.
class SharingStore {
 public:
  template <typename Response>
  using RespondCode = wire::Respond<Response, StoredSensitiveCode>;
  template <typename Response>
  using RespondGrant = wire::Respond<Response, SensitiveGrant>;

  virtual ~SharingStore() = default;

  // `etag` as last read; empty: there is none yet. ETAG_STALE.
  template <typename Response>
  absl::StatusOr<Response> Define(const unit::WriteContext& context, const SensitiveCode& code,
                                  const std::string& etag, const RespondCode<Response>& respond) {
    return wire::ParseAnswer<Response>(DefineBytes(context, code, etag, wire::BytesOf(respond)));
  }
  virtual absl::StatusOr<std::vector<StoredSensitiveCode>> List(const SensitiveCodesQuery& query,
                                                                absl::Time deadline) = 0;

  // NOT_FOUND where who grants is no party of a report of each of the classes.
  template <typename Response>
  absl::StatusOr<Response> Grant(const unit::WriteContext& context, const NewGrant& grant,
                                 const RespondGrant<Response>& respond) {
    return wire::ParseAnswer<Response>(GrantBytes(context, grant, wire::BytesOf(respond)));
  }
  // GRANT_NOT_FOUND where `by` did not grant it.
  template <typename Response>
  absl::StatusOr<Response> Revoke(const unit::WriteContext& context, GrantId id, OrganizationId by,
                                  const RespondGrant<Response>& respond) {
    return wire::ParseAnswer<Response>(RevokeBytes(context, id, by, wire::BytesOf(respond)));
  }
  // Those that the organization gave or has, the newest first.
  virtual absl::StatusOr<std::vector<SensitiveGrant>> GrantsOf(PatientId patient,
                                                               OrganizationId organization,
                                                               absl::Time deadline) = 0;
  // What the organization may read now.
  virtual absl::StatusOr<ClassSet> GrantedTo(PatientId patient, OrganizationId organization,
                                             absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const SensitiveCode& code, const std::string& etag,
      const wire::RespondBytes<StoredSensitiveCode>& respond) = 0;
  virtual absl::StatusOr<std::string> GrantBytes(
      const unit::WriteContext& context, const NewGrant& grant,
      const wire::RespondBytes<SensitiveGrant>& respond) = 0;
  virtual absl::StatusOr<std::string> RevokeBytes(
      const unit::WriteContext& context, GrantId id, OrganizationId by,
      const wire::RespondBytes<SensitiveGrant>& respond) = 0;
};

}  // namespace yilian::lab
