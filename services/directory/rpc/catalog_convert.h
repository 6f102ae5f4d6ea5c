// Between the wire and the domain of the catalogue.
#pragma once

#include "absl/status/statusor.h"
#include "services/directory/domain/receivers.h"
#include "yilian/directory/v1/catalog.pb.h"

namespace yilian::directory::convert {

v1::CatalogEntry ToProto(const CatalogEntry& entry);
v1::OrganizationLocation ToProto(const OrganizationLocation& location);
v1::Receiver ToProto(const Receiver& receiver);

absl::StatusOr<CatalogEntry> ToDomain(const v1::DefineCatalogEntryRequest& request);
absl::StatusOr<OrganizationLocation> ToDomain(const v1::LocateOrganizationRequest& request);
// The referrer is the handler's to fill in.
ReceiverQuery ToDomain(const v1::FindReceiversRequest& request);

}  // namespace yilian::directory::convert
