// From a search request to a keyset page and its sealed token.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "services/scheduling/domain/requests.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

// One search. Holds references: lives inside the handler.
class SessionPages {
 public:
  // The token is bound to the caller and to everything in the request but the page.
  SessionPages(const crypto::Sealer& sealer, const rpc::Caller& caller,
               const v1::SearchSessionsRequest& request);

  int limit() const;
  // INVALID_ARGUMENT for a token of another caller or search.
  absl::StatusOr<SessionPosition> After() const;
  // "" after the last page.
  absl::StatusOr<std::string> NextToken(const SessionPage& page) const;

 private:
  const crypto::Sealer& sealer_;
  const v1::SearchSessionsRequest& request_;
  std::string bound_to_;
};

}  // namespace yilian::scheduling
