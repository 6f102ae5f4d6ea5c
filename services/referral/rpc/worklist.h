// From a worklist request to a keyset page and its sealed token.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "services/referral/domain/referral_store.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {

// One list call. Holds references: lives inside the handler.
class WorklistPages {
 public:
  WorklistPages(const crypto::Sealer& sealer, const rpc::Caller& caller,
                const v1::ListReferralsRequest& request);
  // INVALID_ARGUMENT for a token of another caller or worklist.
  absl::StatusOr<WorklistQuery> Query() const;
  // "" after the last page.
  absl::StatusOr<std::string> NextToken(const WorklistQuery& query,
                                        const std::vector<Referral>& page) const;

 private:
  const crypto::Sealer& sealer_;
  const rpc::Caller& caller_;
  const v1::ListReferralsRequest& request_;
  std::string bound_to_;
};

}  // namespace yilian::referral
