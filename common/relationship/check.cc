#include "common/relationship/check.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/relationship/projection.h"
#include "common/rpc/client_call.h"

namespace yilian::relationship {

using Directory = directory::v1::DirectoryService;

Check::Check(mysql::Pool& pool, std::shared_ptr<grpc::Channel> directory, const base::Clock& clock)
    : pool_(pool), directory_(Directory::NewStub(std::move(directory))), clock_(clock) {}

absl::StatusOr<bool> Check::MaySee(const base::Uuid& data_subject, const base::Uuid& organization,
                                   absl::Time deadline) {
  bool holds = false;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(holds, Holds(session, data_subject, organization, clock_.Now()));
    return absl::OkStatus();
  }));
  if (holds) return true;
  directory::v1::CheckCareRelationshipRequest request;
  request.set_patient_id(data_subject.ToString());
  request.set_organization_id(organization.ToString());
  const auto answer = rpc::ClientCall(std::min(deadline - absl::Now(), rpc::kDefaultTimeout))
                          .Invoke(*directory_, &Directory::Stub::CheckCareRelationship, request);
  if (!answer.ok()) return answer.status();
  return answer->holds();
}

}  // namespace yilian::relationship
