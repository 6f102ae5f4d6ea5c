// The methods of yilian.lab.v1.LabService: convert, one use case, convert back.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/outbox/feed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/report_store.h"
#include "services/lab/rpc/sights.h"
#include "yilian/lab/v1/lab.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class LabHandlers {
 public:
  struct Deps {
    ReportStore& store;
    Sights& sights;
    outbox::Feed& feed;
    const crypto::Sealer& sealer;
  };
  explicit LabHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::Report> Ingest(const rpc::Call& call, const v1::IngestReportRequest& request);
  absl::StatusOr<v1::Report> Get(const rpc::Call& call, const v1::GetReportRequest& request);
  absl::StatusOr<v1::ListReportsResponse> List(const rpc::Call& call,
                                               const v1::ListReportsRequest& request);
  absl::StatusOr<v1::CheckReportsResponse> Check(const rpc::Call& call,
                                                 const v1::CheckReportsRequest& request);
  // Returns at once; the stream lives on in the feed.
  absl::Status Watch(const rpc::Call& call, const v1::WatchReportsRequest& request,
                     std::shared_ptr<rpc::ServerStream<v1::WatchReportsResponse>> stream);

 private:
  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(LabHandlers& handlers);

}  // namespace yilian::lab
