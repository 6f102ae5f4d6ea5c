// Where statistics are read, as the use cases ask for it. store/ implements it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/wire/answer.h"
#include "services/referral/domain/statistics.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::referral {

struct StatisticsQuery {
  OrganizationId organization;
  DepartmentId department;  // nil: all
  Grain grain = Grain::kDay;
  absl::CivilDay first;  // by months, the first of one
  absl::CivilDay last;
};

// A rebuilding looks at every referral, then at every organization's aggregates.
enum class RebuildPart { kReferrals, kOrganizations };
struct RebuildPlace {
  RebuildPart part = RebuildPart::kReferrals;
  base::Uuid after;  // the last one that was looked at; nil: none
  bool operator==(const RebuildPlace&) const = default;
};
struct RebuildStep {
  int64_t referrals = 0;
  int64_t referrals_mended = 0;
  int64_t aggregates_mended = 0;
  std::optional<RebuildPlace> next;  // nullopt: that was all
};

// Implementations are thread-safe.
class StatisticsRebuild {
 public:
  virtual ~StatisticsRebuild() = default;
  template <typename Response>
  absl::StatusOr<Response> Step(const unit::WriteContext& context, const RebuildPlace& from,
                                const wire::Respond<Response, RebuildStep>& respond) {
    return wire::ParseAnswer<Response>(StepBytes(context, from, wire::BytesOf(respond)));
  }

 protected:
  virtual absl::StatusOr<std::string> StepBytes(const unit::WriteContext& context,
                                                const RebuildPlace& from,
                                                const wire::RespondBytes<RebuildStep>& respond) = 0;
};

// Implementations are thread-safe.
class StatisticsStore {
 public:
  virtual ~StatisticsStore() = default;
  // Periods in which something was counted, by their first day.
  virtual absl::StatusOr<std::map<absl::CivilDay, PeriodStatistics>> Periods(
      const StatisticsQuery& query, absl::Time deadline) = 0;
  // Every organization's month, by the month's first day.
  virtual absl::StatusOr<std::map<OrganizationId, PeriodStatistics>> Month(absl::CivilDay first,
                                                                           absl::Time deadline) = 0;
};

}  // namespace yilian::referral
