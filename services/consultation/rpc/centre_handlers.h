// The methods of yilian.consultation.v1.ReadingCentreService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/consultation/domain/reading_centre_store.h"
#include "yilian/consultation/v1/reading_centre.pb.h"

namespace yilian::consultation {

// Thread-safe; owned by the service's context.
class ReadingCentreHandlers {
 public:
  struct Deps {
    ReadingCentreStore& centres;
    const crypto::Sealer& sealer;
  };
  explicit ReadingCentreHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::ReadingCentre> Define(const rpc::Call& call,
                                           const v1::DefineReadingCentreRequest& request);
  absl::StatusOr<v1::ReadingCentre> Get(const rpc::Call& call,
                                        const v1::GetReadingCentreRequest& request);
  absl::StatusOr<v1::ListReadingCentresResponse> List(const rpc::Call& call,
                                                      const v1::ListReadingCentresRequest& request);
  absl::StatusOr<v1::ReadingMember> SetMember(const rpc::Call& call,
                                              const v1::SetReadingMemberRequest& request);
  absl::StatusOr<v1::ReadingMember> RemoveMember(const rpc::Call& call,
                                                 const v1::RemoveReadingMemberRequest& request);
  absl::StatusOr<v1::ListReadingMembersResponse> ListMembers(
      const rpc::Call& call, const v1::ListReadingMembersRequest& request);
  absl::StatusOr<v1::ReadingMember> SetDuty(const rpc::Call& call,
                                            const v1::SetReaderDutyRequest& request);
  absl::StatusOr<v1::CountReadingWorklistResponse> Count(
      const rpc::Call& call, const v1::CountReadingWorklistRequest& request);

 private:
  // The id of a centre that the organization which is named has.
  absl::StatusOr<CentreId> OwnCentre(const rpc::Call& call, OrganizationId organization,
                                     const std::string& centre_id) const;

  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(ReadingCentreHandlers& handlers);

}  // namespace yilian::consultation
