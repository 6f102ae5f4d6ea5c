// Where the wait list is kept, as its use cases ask for it. store/ implements it.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/wait_list.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

namespace v1 {
class WaitListEntry;
}  // namespace v1

// Answers of writes are the RPCs' own messages: the ledger remembers them for a repeated request.
// The commands answer NOT_FOUND unless `by` is a party. Implementations are thread-safe.
class WaitListStore {
 public:
  virtual ~WaitListStore() = default;
  virtual absl::StatusOr<v1::WaitListEntry> Join(const unit::WriteContext& context,
                                                 const WaitListWish& wish) = 0;
  virtual absl::StatusOr<v1::WaitListEntry> Accept(const unit::WriteContext& context,
                                                   WaitListEntryId id, const Actor& by,
                                                   std::string_view etag) = 0;
  virtual absl::StatusOr<v1::WaitListEntry> Decline(const unit::WriteContext& context,
                                                    WaitListEntryId id, const Actor& by,
                                                    std::string_view etag) = 0;
  virtual absl::StatusOr<v1::WaitListEntry> Leave(const unit::WriteContext& context,
                                                  WaitListEntryId id, const Actor& by,
                                                  std::string_view reason) = 0;
  virtual absl::StatusOr<WaitListView> Get(WaitListEntryId id, const Actor& by,
                                           absl::Time deadline) = 0;
  // Live entries after `after`, by id.
  virtual absl::StatusOr<std::vector<WaitListEntry>> List(const WaitListFilter& filter,
                                                          WaitListEntryId after, int limit,
                                                          absl::Time deadline) = 0;
};

}  // namespace yilian::scheduling
