// Where advice threads are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/referral/domain/advice.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::referral {

// Which rows a page of a worklist holds.
struct AdviceQuery {
  OrganizationId organization;
  AdviceSide side = AdviceSide::kAdvising;
  AdviceState state = AdviceState::kOpen;
  DepartmentId department;      // nil: any; advising side only
  PractitionerId practitioner;  // nil: any; of the organization's own side
  // Key of the last row of the page before.
  absl::Time after_time = absl::FromUnixSeconds(0);
  AdviceId after_id;
  int limit = 50;
};

// A thread and the draft that it became.
struct Conversion {
  AdviceChange advice;
  Change referral;
};

// Implementations are thread-safe.
class AdviceStore {
 public:
  // A decision over a thread as it is now; may run several times.
  using Decide = std::function<absl::StatusOr<AdviceChange>(const Advice& now, absl::Time at)>;
  using DecideNew = std::function<absl::StatusOr<AdviceChange>(absl::Time at)>;
  using DecideConversion =
      std::function<absl::StatusOr<Conversion>(const Advice& now, absl::Time at)>;

  virtual ~AdviceStore() = default;

  template <typename Response>
  absl::StatusOr<Response> Create(const unit::WriteContext& context, const DecideNew& decide,
                                  const wire::Respond<Response, Advice>& respond) {
    return wire::ParseAnswer<Response>(CreateBytes(context, decide, wire::BytesOf(respond)));
  }
  // ADVICE_NOT_FOUND unless `party` is one; ADVICE_ETAG_STALE unless `etag` is the current one.
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, AdviceId id,
                                  OrganizationId party, std::string_view etag, const Decide& decide,
                                  const wire::Respond<Response, Advice>& respond) {
    return wire::ParseAnswer<Response>(
        UpdateBytes(context, id, party, etag, decide, wire::BytesOf(respond)));
  }
  // As Update; the draft and the thread's attachments come to be in the same transaction.
  template <typename Response>
  absl::StatusOr<Response> Convert(const unit::WriteContext& context, AdviceId id,
                                   OrganizationId party, std::string_view etag,
                                   const DecideConversion& decide,
                                   const wire::Respond<Response, Conversion>& respond) {
    return wire::ParseAnswer<Response>(
        ConvertBytes(context, id, party, etag, decide, wire::BytesOf(respond)));
  }

  // With its turns; ADVICE_NOT_FOUND unless `party` is one.
  virtual absl::StatusOr<Advice> Get(AdviceId id, OrganizationId party, absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Advice>> List(const AdviceQuery& query,
                                                   absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                                  const DecideNew& decide,
                                                  const wire::RespondBytes<Advice>& respond) = 0;
  virtual absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context, AdviceId id,
                                                  OrganizationId party, std::string_view etag,
                                                  const Decide& decide,
                                                  const wire::RespondBytes<Advice>& respond) = 0;
  virtual absl::StatusOr<std::string> ConvertBytes(
      const unit::WriteContext& context, AdviceId id, OrganizationId party, std::string_view etag,
      const DecideConversion& decide, const wire::RespondBytes<Conversion>& respond) = 0;
};

}  // namespace yilian::referral
