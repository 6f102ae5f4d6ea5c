// Where referrals are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
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

// A follow-up task on which nobody acted by its date.
struct NotActed {
  ReferralId referral;
  TaskId task;
  absl::CivilDay due_date;
  int escalation_tier = 0;
  int reschedule_count = 0;
  OrganizationId referring_organization;
  OrganizationId receiving_organization;
};

struct NotActedQuery {
  OrganizationId organization;  // nil: the whole region
  bool sent = false;            // what the organization handed on, instead of what it owes
  absl::CivilDay after_date = absl::CivilDay(1970, 1, 1);
  TaskId after_task;
  int limit = 50;
};

// A patient leaves the hospital, as its system reports it.
struct Discharge {
  OrganizationId hospital;
  PatientId patient;
  std::string episode;
  // When the hospital recorded it: of a discharge and its cancelling the one recorded last counts,
  // of two recorded at one moment the cancelling.
  absl::Time recorded_at;
  ReferralId draft;  // ids of what may be drafted
  TaskId first_task;
};

// Clocks of hospitals differ from ours by as much.
inline constexpr absl::Duration kClockDifference = absl::Minutes(5);

// FIELD_INVALID where it was recorded in the future: no later news would count.
absl::Status Check(const Discharge& discharge, absl::Time now);

// Implementations are thread-safe.
class ReferralStore {
 public:
  // A decision over a referral as it is now; may run several times. The first change is the loaded
  // referral's, further ones are new referrals.
  using Decide =
      std::function<absl::StatusOr<std::vector<Change>>(const Referral& now, absl::Time at)>;
  using DecideNew = std::function<absl::StatusOr<Change>(absl::Time at)>;
  using Changes = std::vector<Change>;
  template <typename Response>
  using Respond = wire::Respond<Response, Changes>;
  using RespondBytes = wire::RespondBytes<Changes>;

  virtual ~ReferralStore() = default;

  template <typename Response>
  absl::StatusOr<Response> Create(const unit::WriteContext& context, const DecideNew& decide,
                                  const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(CreateBytes(context, decide, wire::BytesOf(respond)));
  }

  // `party`: NOT_FOUND unless it is one, as for a referral that does not exist. `etag`: ETAG_STALE
  // unless it is the current one; nullopt skips the check (rules that do not depend on what the
  // caller read).
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, ReferralId id,
                                  OrganizationId party, std::optional<std::string_view> etag,
                                  const Decide& decide, const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(
        UpdateBytes(context, id, party, etag, decide, wire::BytesOf(respond)));
  }

  // Drafts the down-referral of a discharge, once; starts the letter's clock. What was drafted, now
  // or before, is the only change; none where the patient was not referred to the hospital, or the
  // hospital has taken the discharge back since.
  template <typename Response>
  absl::StatusOr<Response> DraftDischarge(const unit::WriteContext& context,
                                          const Discharge& discharge, const Deadlines& deadlines,
                                          const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(
        DischargeBytes(context, discharge, deadlines, wire::BytesOf(respond)));
  }

  // Takes a discharge back: its draft is withdrawn (or stays, without a clock, where somebody has
  // worked on it), the letter is not owed yet. The draft is the only change; none where there is
  // none.
  template <typename Response>
  absl::StatusOr<Response> WithdrawDischarge(const unit::WriteContext& context,
                                             const Discharge& discharge,
                                             const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(
        DischargeCancelledBytes(context, discharge, wire::BytesOf(respond)));
  }

  virtual absl::StatusOr<std::vector<NotActed>> ListNotActed(const NotActedQuery& query,
                                                             absl::Time deadline) = 0;
  // The referral with its tasks; NOT_FOUND unless `party` is one.
  virtual absl::StatusOr<Referral> Get(ReferralId id, OrganizationId party,
                                       absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Referral>> List(const WorklistQuery& query,
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
  virtual absl::StatusOr<std::string> DischargeBytes(const unit::WriteContext& context,
                                                     const Discharge& discharge,
                                                     const Deadlines& deadlines,
                                                     const RespondBytes& respond) = 0;
  virtual absl::StatusOr<std::string> DischargeCancelledBytes(const unit::WriteContext& context,
                                                              const Discharge& discharge,
                                                              const RespondBytes& respond) = 0;
};

}  // namespace yilian::referral
