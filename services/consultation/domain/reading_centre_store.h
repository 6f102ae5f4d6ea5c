// Where reading centres and their members are kept, as the use cases ask for it. store/ implements
// it.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/consultation/domain/reading_centre.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::consultation {

// How much of one urgency is on a worklist; kMaxCounted + 1: more than kMaxCounted.
inline constexpr int kMaxCounted = 500;
struct UrgencyCount {
  int waiting = 0;
  int in_work = 0;
  std::optional<absl::Time> next_due;  // of what waits
};

struct ReadingCounts {
  std::array<UrgencyCount, 3> of_rank;  // by worklist_rank: emergencies first
  int readers_on_duty = 0;
};

// Implementations are thread-safe. `organization` is the one that the centre must belong to, else
// CENTRE_NOT_FOUND.
class ReadingCentreStore {
 public:
  using DecideMember = std::function<absl::StatusOr<MemberChange>(
      const ReadingCentre& of, const ReadingMember& now, absl::Time at)>;
  template <typename Response, typename Outcome>
  using Respond = wire::Respond<Response, Outcome>;

  virtual ~ReadingCentreStore() = default;

  // `centre` nil: a new one. ETAG_STALE unless `etag` is that of the centre ("" for a new one).
  template <typename Response>
  absl::StatusOr<Response> Define(const unit::WriteContext& context, OrganizationId organization,
                                  CentreId centre, const std::string& etag, const CentrePlan& plan,
                                  const Respond<Response, ReadingCentre>& respond) {
    return wire::ParseAnswer<Response>(
        DefineBytes(context, organization, centre, etag, plan, wire::BytesOf(respond)));
  }
  // `now` has version 0 for a practitioner who is no member. `etag` nullopt skips the check.
  template <typename Response>
  absl::StatusOr<Response> ChangeMember(const unit::WriteContext& context,
                                        OrganizationId organization, CentreId centre,
                                        PractitionerId practitioner,
                                        const std::optional<std::string>& etag,
                                        const DecideMember& decide,
                                        const Respond<Response, ReadingMember>& respond) {
    return wire::ParseAnswer<Response>(ChangeMemberBytes(
        context, organization, centre, practitioner, etag, decide, wire::BytesOf(respond)));
  }

  virtual absl::StatusOr<ReadingCentre> Get(CentreId id, absl::Time deadline) = 0;
  // The centre of an organization that reads a kind; nullopt: it has none.
  virtual absl::StatusOr<std::optional<ReadingCentre>> CentreFor(OrganizationId organization,
                                                                 Kind kind,
                                                                 absl::Time deadline) = 0;
  // `organization` nil: of all.
  virtual absl::StatusOr<std::vector<ReadingCentre>> List(OrganizationId organization,
                                                          CentreId after, int limit,
                                                          absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<ReadingMember>> ListMembers(CentreId centre,
                                                                 PractitionerId after, int limit,
                                                                 absl::Time deadline) = 0;
  virtual absl::StatusOr<ReadingCounts> Count(CentreId centre, absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, OrganizationId organization, CentreId centre,
      const std::string& etag, const CentrePlan& plan,
      const wire::RespondBytes<ReadingCentre>& respond) = 0;
  virtual absl::StatusOr<std::string> ChangeMemberBytes(
      const unit::WriteContext& context, OrganizationId organization, CentreId centre,
      PractitionerId practitioner, const std::optional<std::string>& etag,
      const DecideMember& decide, const wire::RespondBytes<ReadingMember>& respond) = 0;
};

}  // namespace yilian::consultation
