// Where reference intervals are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/reference_interval.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

struct StoredInterval {
  ReferenceInterval interval;
  int64_t version = 1;

  std::string etag() const { return "v" + std::to_string(version); }
};

struct IntervalsQuery {
  OrganizationId organization;  // nil: the region's
  std::string loinc;            // empty: of every analyte
  // Key of the last row of the page before.
  std::string after_loinc;
  ReferenceIntervalId after_id;
  int limit = 50;
};

// Implementations are thread-safe.
class ReferenceStore {
 public:
  enum class Change { kDefine, kRemove };
  template <typename Response>
  using Respond = wire::Respond<Response, StoredInterval>;
  using RespondBytes = wire::RespondBytes<StoredInterval>;

  virtual ~ReferenceStore() = default;

  // `etag` as last read; empty: there is none yet. ETAG_STALE, INTERVAL_NOT_FOUND.
  template <typename Response>
  absl::StatusOr<Response> Write(const unit::WriteContext& context, Change change,
                                 const ReferenceInterval& interval, const std::string& etag,
                                 const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(
        WriteBytes(context, change, interval, etag, wire::BytesOf(respond)));
  }
  virtual absl::StatusOr<std::vector<StoredInterval>> List(const IntervalsQuery& query,
                                                           absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> WriteBytes(const unit::WriteContext& context, Change change,
                                                 const ReferenceInterval& interval,
                                                 const std::string& etag,
                                                 const RespondBytes& respond) = 0;
};

}  // namespace yilian::lab
