// From a worklist request to a keyset page and its sealed token.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "services/consultation/domain/consultation_store.h"
#include "yilian/consultation/v1/consultation.pb.h"

namespace yilian::consultation {

// One list call. Holds references: lives inside the handler.
class WorklistPages {
 public:
  WorklistPages(const crypto::Sealer& sealer, const rpc::Caller& caller,
                const v1::ListConsultationsRequest& request);
  // INVALID_ARGUMENT for a token of another caller or worklist.
  absl::StatusOr<WorklistQuery> Query() const;
  // "" after the last page.
  absl::StatusOr<std::string> NextToken(const WorklistQuery& query,
                                        const std::vector<Consultation>& page) const;

 private:
  const crypto::Sealer& sealer_;
  const rpc::Caller& caller_;
  const v1::ListConsultationsRequest& request_;
  std::string bound_to_;
};

}  // namespace yilian::consultation
