#include "common/relationship/check.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "common/relationship/projection.h"
#include "common/rpc/client_call.h"

namespace yilian::relationship {

using Access = directory::v1::AccessService;
using Directory = directory::v1::DirectoryService;

Check::Check(mysql::Pool& pool, std::shared_ptr<grpc::Channel> directory, const base::Clock& clock)
    : pool_(pool),
      directory_(Directory::NewStub(directory)),
      access_(Access::NewStub(std::move(directory))),
      clock_(clock) {}

absl::StatusOr<bool> Check::MaySee(const base::Uuid& data_subject, const base::Uuid& organization,
                                   absl::Time deadline) {
  bool holds = false;
  std::optional<base::Uuid> survivor;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(holds, Holds(session, data_subject, organization, clock_.Now()));
    if (!holds) return absl::OkStatus();
    ASSIGN_OR_RETURN(survivor, SurvivorOf(session, data_subject));
    return absl::OkStatus();
  }));
  if (survivor) return MergedError(*survivor);
  if (holds) return true;
  return AskDirectory(data_subject, organization, base::Uuid(), deadline);
}

absl::StatusOr<bool> Check::MayRead(const base::Uuid& data_subject, const rpc::Caller& caller,
                                    absl::Time deadline) {
  const base::Uuid& organization = caller.organization_id;
  bool holds = false;
  std::optional<base::Uuid> survivor;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    const absl::Time now = clock_.Now();
    ASSIGN_OR_RETURN(holds, Holds(session, data_subject, organization, now));
    if (!holds && caller.is_person()) {
      ASSIGN_OR_RETURN(holds,
                       HasBrokenGlass(session, data_subject, caller.user_id, organization, now));
    }
    if (!holds) return absl::OkStatus();
    ASSIGN_OR_RETURN(survivor, SurvivorOf(session, data_subject));
    return absl::OkStatus();
  }));
  // Only who may see the record learns what became of it.
  if (survivor) return MergedError(*survivor);
  if (holds) return true;
  return AskDirectory(data_subject, organization, caller.user_id, deadline);
}

absl::StatusOr<bool> Check::AskDirectory(const base::Uuid& data_subject,
                                         const base::Uuid& organization, const base::Uuid& user,
                                         absl::Time deadline) {
  directory::v1::CheckCareRelationshipRequest request;
  request.set_patient_id(data_subject.ToString());
  request.set_organization_id(organization.ToString());
  if (!user.is_nil()) request.set_user_id(user.ToString());
  const auto answer = rpc::ClientCall::Until(deadline).Invoke(
      *directory_, &Directory::Stub::CheckCareRelationship, request);
  if (!answer.ok()) return answer.status();
  return answer->holds();
}

absl::StatusOr<bool> Check::Withdrew(const base::Uuid& data_subject, const base::Uuid& organization,
                                     directory::v1::ConsentPurpose purpose, absl::Time deadline) {
  bool withdrawn = false;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(withdrawn,
                     ConsentWithdrawn(session, data_subject, organization, purpose, clock_.Now()));
    return absl::OkStatus();
  }));
  if (!withdrawn) return false;
  ASSIGN_OR_RETURN(const bool anew, MayUse(data_subject, organization, purpose, deadline));
  return !anew;
}

absl::StatusOr<bool> Check::MayUse(const base::Uuid& data_subject, const base::Uuid& organization,
                                   directory::v1::ConsentPurpose purpose, absl::Time deadline) {
  directory::v1::CheckConsentRequest request;
  request.set_patient_id(data_subject.ToString());
  request.set_organization_id(organization.ToString());
  request.set_purpose(purpose);
  const auto answer =
      rpc::ClientCall::Until(deadline).Invoke(*access_, &Access::Stub::CheckConsent, request);
  if (!answer.ok()) return answer.status();
  return answer->allowed();
}

}  // namespace yilian::relationship
