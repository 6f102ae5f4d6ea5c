// Where correction notices are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/notice.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

// Numbers are those of the proto's enum.
enum class NoticeWorklist { kMine = 1, kOfOrganization, kOfLaboratory };

struct NoticesQuery {
  NoticeWorklist worklist = NoticeWorklist::kMine;
  NoticeActor reader;
  // Key of the last row of the page before; oldest first.
  absl::Time after_time = absl::UnixEpoch();
  NoticeId after_id;
  int limit = 50;
};

// Implementations are thread-safe.
class NoticeStore {
 public:
  template <typename Response>
  using Respond = wire::Respond<Response, CorrectionNotice>;
  using RespondBytes = wire::RespondBytes<CorrectionNotice>;

  virtual ~NoticeStore() = default;

  template <typename Response>
  absl::StatusOr<Response> Acknowledge(const unit::WriteContext& context, NoticeId id,
                                       const NoticeActor& by, const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(AcknowledgeBytes(context, id, by, wire::BytesOf(respond)));
  }
  virtual absl::StatusOr<std::vector<CorrectionNotice>> List(const NoticesQuery& query,
                                                             absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> AcknowledgeBytes(const unit::WriteContext& context,
                                                       NoticeId id, const NoticeActor& by,
                                                       const RespondBytes& respond) = 0;
};

}  // namespace yilian::lab
