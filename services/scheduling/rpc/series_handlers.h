// The method of yilian.scheduling.v1.SeriesService: convert, one use case.
#pragma once

#include "absl/status/statusor.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/series.h"
#include "yilian/scheduling/v1/series.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class SeriesHandlers {
 public:
  struct Deps {
    SeriesStore& series;
    relationship::Check& relationships;
  };
  explicit SeriesHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::SeriesBooking> BookSeries(const rpc::Call& call,
                                               const v1::BookSeriesRequest& request);

 private:
  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(SeriesHandlers& handlers);

}  // namespace yilian::scheduling
