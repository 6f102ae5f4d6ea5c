// Where mappings and the queue of what is not mapped are kept, as the use cases ask for it. store/
// implements it.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/mapping.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

// Which rows a page holds: the mappings last defined first, the queue's oldest first.
struct MappingsQuery {
  OrganizationId organization;  // nil: the region's
  bool with_removed = false;
  // Key of the last row of the page before.
  absl::Time before_time = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31: the last DATETIME
  MappingId before_id;
  int limit = 50;
};
struct MappingItemsQuery {
  OrganizationId organization;
  // Key of the last row of the page before.
  absl::Time after_time = absl::FromUnixSeconds(0);
  MappingId after_id;
  int limit = 50;
};

// Implementations are thread-safe.
class MappingStore {
 public:
  template <typename Response>
  using Respond = wire::Respond<Response, Mapping>;
  using RespondBytes = wire::RespondBytes<Mapping>;

  virtual ~MappingStore() = default;

  // Defines, changes or (without a target) removes it, and sets the stored reports going.
  // ETAG_STALE, MAPPING_NOT_FOUND.
  template <typename Response>
  absl::StatusOr<Response> Change(const unit::WriteContext& context, const NewMapping& mapping,
                                  const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(ChangeBytes(context, mapping, wire::BytesOf(respond)));
  }

  virtual absl::StatusOr<std::vector<Mapping>> List(const MappingsQuery& query,
                                                    absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<MappingItem>> ListItems(const MappingItemsQuery& query,
                                                             absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<MappingSuggestion>> Suggest(OrganizationId organization,
                                                                 const Term& term,
                                                                 absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> ChangeBytes(const unit::WriteContext& context,
                                                  const NewMapping& mapping,
                                                  const RespondBytes& respond) = 0;
};

}  // namespace yilian::lab
