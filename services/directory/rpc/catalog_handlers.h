// The methods of yilian.directory.v1.CatalogService.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/catalog.h"
#include "services/directory/domain/receivers.h"
#include "yilian/directory/v1/catalog.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class CatalogHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    CatalogStore& catalog;
    ReceiverSource& receivers;
    const crypto::Sealer& sealer;
  };
  explicit CatalogHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::CatalogEntry> DefineCatalogEntry(const rpc::Call& call,
                                                      const v1::DefineCatalogEntryRequest& request);
  absl::StatusOr<v1::CatalogEntry> GetCatalogEntry(const rpc::Call& call,
                                                   const v1::GetCatalogEntryRequest& request);
  absl::StatusOr<v1::ListCatalogEntriesResponse> ListCatalogEntries(
      const rpc::Call& call, const v1::ListCatalogEntriesRequest& request);
  absl::StatusOr<v1::OrganizationLocation> LocateOrganization(
      const rpc::Call& call, const v1::LocateOrganizationRequest& request);
  absl::StatusOr<v1::FindReceiversResponse> FindReceivers(const rpc::Call& call,
                                                          const v1::FindReceiversRequest& request);

 private:
  const Deps deps_;
};

// Outlives the server.
rpc::Dispatch Bind(CatalogHandlers& handlers);

}  // namespace yilian::directory
