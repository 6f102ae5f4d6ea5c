// The methods of yilian.lab.v1.CorrectionNoticeService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/notice_store.h"
#include "yilian/lab/v1/notice.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class NoticeHandlers {
 public:
  NoticeHandlers(NoticeStore& store, const crypto::Sealer& sealer)
      : store_(store), sealer_(sealer) {}

  absl::StatusOr<v1::ListCorrectionNoticesResponse> List(
      const rpc::Call& call, const v1::ListCorrectionNoticesRequest& request);
  absl::StatusOr<v1::CorrectionNotice> Acknowledge(
      const rpc::Call& call, const v1::AcknowledgeCorrectionNoticeRequest& request);

 private:
  NoticeStore& store_;
  const crypto::Sealer& sealer_;
};

// The service's methods, bound.
rpc::Dispatch Bind(NoticeHandlers& handlers);

}  // namespace yilian::lab
