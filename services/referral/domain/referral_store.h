// Where referrals are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/referral/domain/referral.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::referral {

// Which rows a page of a worklist holds.
struct WorklistQuery {
  OrganizationId organization;
  Side side = Side::kReceiving;
  std::optional<State> state;  // nullopt: every open one
  // Key of the last row of the page before.
  absl::Time after_time = absl::FromUnixSeconds(0);
  ReferralId after_id;
  int limit = 50;
};

struct RateCounts {
  int64_t received = 0;
  int64_t answered_in_time = 0;
  int64_t answered = 0;
  int64_t completed_in_time = 0;
  int64_t completed = 0;
  int64_t rated = 0;
  int64_t satisfied = 0;
};

// Implementations are thread-safe.
class ReferralStore {
 public:
  // A decision over a referral as it is now; may run several times. The first change is the loaded
  // referral's, further ones are new referrals.
  using Decide =
      std::function<absl::StatusOr<std::vector<Change>>(const Referral& now, absl::Time at)>;
  using DecideNew = std::function<absl::StatusOr<Change>(absl::Time at)>;
  using Changes = std::vector<Change>;
  // What is answered, and kept for a repeated request: a message of the wire, whose bytes are all
  // that matters to the store.
  template <typename Response>
  using Respond = std::function<Response(const Changes&)>;
  using RespondBytes = std::function<std::string(const Changes&)>;

  virtual ~ReferralStore() = default;

  template <typename Response>
  absl::StatusOr<Response> Create(const unit::WriteContext& context, const DecideNew& decide,
                                  const Respond<Response>& respond) {
    return Parsed<Response>(CreateBytes(context, decide, Bytes(respond)));
  }

  // `party`: NOT_FOUND unless it is one, as for a referral that does not exist. `etag`: ETAG_STALE
  // unless it is the current one; nullopt skips the check (rules that do not depend on what the
  // caller read).
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, ReferralId id,
                                  OrganizationId party, std::optional<std::string_view> etag,
                                  const Decide& decide, const Respond<Response>& respond) {
    return Parsed<Response>(UpdateBytes(context, id, party, etag, decide, Bytes(respond)));
  }

  // The referral with its tasks; NOT_FOUND unless `party` is one.
  virtual absl::StatusOr<Referral> Get(ReferralId id, OrganizationId party,
                                       absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Referral>> List(const WorklistQuery& query,
                                                     absl::Time deadline) = 0;
  virtual absl::StatusOr<RateCounts> Rates(OrganizationId receiving, absl::Time from, absl::Time to,
                                           absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                                  const DecideNew& decide,
                                                  const RespondBytes& respond) = 0;
  virtual absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context, ReferralId id,
                                                  OrganizationId party,
                                                  std::optional<std::string_view> etag,
                                                  const Decide& decide,
                                                  const RespondBytes& respond) = 0;

 private:
  template <typename Response>
  static RespondBytes Bytes(const Respond<Response>& respond) {
    return [&respond](const Changes& changes) { return respond(changes).SerializeAsString(); };
  }
  template <typename Response>
  static absl::StatusOr<Response> Parsed(const absl::StatusOr<std::string>& bytes) {
    if (!bytes.ok()) return bytes.status();
    Response response;
    if (!response.ParseFromString(*bytes))
      return absl::DataLossError("a stored answer does not parse");
    return response;
  }
};

}  // namespace yilian::referral
