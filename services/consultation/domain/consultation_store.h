// Where consultations are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::consultation {

enum class Worklist { kToClaim = 1, kMine, kRequested, kToAcknowledge, kReading };

// Which membership of a reading centre a command is judged by (Actor::membership).
enum class Standing {
  kNone,
  kOfConsultation,  // the one at the consultation's centre
  kOnDuty,          // the one where the reader is on duty, locked until the command is stored
};

// Which rows a page of a worklist holds.
struct WorklistQuery {
  Worklist worklist = Worklist::kToClaim;
  OrganizationId organization;
  PractitionerId practitioner;  // for kMine
  CentreId centre;              // for kReading
  // Key of the last row of the page before.
  int after_rank = -1;
  absl::Time after_time = absl::FromUnixSeconds(0);
  ConsultationId after_id;
  int limit = 50;
};

// Implementations are thread-safe.
class ConsultationStore {
 public:
  // `by`: the actor that was handed in, with the membership that was asked for.
  using Decide = std::function<absl::StatusOr<Change>(const Consultation& now, const Actor& by,
                                                      absl::Time at)>;
  using DecideNew = std::function<absl::StatusOr<Change>(absl::Time at)>;
  template <typename Response>
  using Respond = wire::Respond<Response, Consultation>;
  using RespondBytes = wire::RespondBytes<Consultation>;

  virtual ~ConsultationStore() = default;

  template <typename Response>
  absl::StatusOr<Response> Create(const unit::WriteContext& context, const DecideNew& decide,
                                  const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(CreateBytes(context, decide, wire::BytesOf(respond)));
  }

  // NOT_FOUND unless the actor's organization is a party. `etag`: ETAG_STALE unless it is the
  // current one; nullopt skips the check (a claim's epoch fences instead).
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, ConsultationId id,
                                  const Actor& by, Standing standing,
                                  std::optional<std::string_view> etag, const Decide& decide,
                                  const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(
        UpdateBytes(context, id, by, standing, etag, decide, wire::BytesOf(respond)));
  }

  // As Update, on the most pressing consultation that the actor may claim now: of the reading
  // centre where they are on duty, else of what was asked of their organization itself.
  // NOTHING_TO_CLAIM without one.
  template <typename Response>
  absl::StatusOr<Response> UpdateMostPressing(const unit::WriteContext& context, const Actor& by,
                                              const Decide& decide,
                                              const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(UpdateBytes(context, std::nullopt, by, Standing::kOnDuty,
                                                   std::nullopt, decide, wire::BytesOf(respond)));
  }

  // With its opinion; NOT_FOUND unless `party` is one.
  virtual absl::StatusOr<Consultation> Get(ConsultationId id, OrganizationId party,
                                           absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Consultation>> List(const WorklistQuery& query,
                                                         absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                                  const DecideNew& decide,
                                                  const RespondBytes& respond) = 0;
  // `id` nullopt: the most pressing one.
  virtual absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context,
                                                  std::optional<ConsultationId> id, const Actor& by,
                                                  Standing standing,
                                                  std::optional<std::string_view> etag,
                                                  const Decide& decide,
                                                  const RespondBytes& respond) = 0;
};

}  // namespace yilian::consultation
