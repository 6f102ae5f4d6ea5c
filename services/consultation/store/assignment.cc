#include "services/consultation/store/assignment.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/outbox/outbox.h"
#include "common/saga/timer.h"
#include "services/consultation/domain/reading_centre.h"
#include "services/consultation/store/centre_queries.h"
#include "services/consultation/store/centre_rows.h"
#include "services/consultation/store/offer.h"
#include "services/consultation/store/records.h"

namespace yilian::consultation {
namespace {

// A transaction of some dozens of rows; the next pass goes on at once.
constexpr int kMostAPass = 40;
constexpr absl::Duration kNextLook = absl::Seconds(30);

constexpr int kLastGivenColumn = 11;  // after YILIAN_MEMBER_COLUMNS

absl::StatusOr<std::vector<Candidate>> LoadCandidates(mysql::Session& session, CentreId centre,
                                                      absl::Time at) {
  ASSIGN_OR_RETURN(
      std::vector<Candidate> candidates,
      session.SelectAll<Candidate>(
          queries::kReadersOnDuty,
          [](const mysql::Row& row) {
            return Candidate{
                .member = rows::MemberFromRow(row),
                .last_given = row.OptionalTime(kLastGivenColumn).value_or(absl::InfinitePast())};
          },
          centre, at));
  RETURN_IF_ERROR(session.SelectValues(queries::kInHand, {centre, at}, [&](const mysql::Row& row) {
    for (Candidate& one : candidates) {
      if (one.member.practitioner != row.Id<PractitionerId>(0)) continue;
      one.in_hand = static_cast<int>(row.Int(1));
      one.emergencies = static_cast<int>(row.Int(2));
    }
    return absl::OkStatus();
  }));
  return candidates;
}

// One pass over a centre whose row is locked.
class Pass {
 public:
  Pass(mysql::Session& session, const ReadingCentre& centre, std::vector<Candidate> candidates,
       absl::Time at)
      : session_(session), centre_(centre), candidates_(std::move(candidates)), at_(at) {}

  // What anybody may read: the most pressing first, each to whom it fits best.
  absl::Status GiveToAnybody() {
    std::vector<Kind> kinds = centre_.plan.kinds;
    while (!kinds.empty() && given_ < kMostAPass) {
      ASSIGN_OR_RETURN(const std::optional<ConsultationId> next,
                       TakeMostPressing(session_, centre_.id.uuid(), kinds, PractitionerId(), at_));
      if (!next) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::optional<Consultation> study, records::Lock(session_, *next));
      const auto reader = ChooseReader(candidates_, study->kind, study->urgency, study->specialty,
                                       centre_.plan.most_in_hand, at_);
      if (!reader) {
        // Nobody has a hand free for this kind; others may be read by others.
        std::erase(kinds, study->kind);
        waits_ = true;
        continue;
      }
      const auto chosen =
          std::find_if(candidates_.begin(), candidates_.end(),
                       [&](const Candidate& one) { return one.member.practitioner == *reader; });
      RETURN_IF_ERROR(Give(*study, *chosen));
    }
    return absl::OkStatus();
  }

  // Second readings, which are not for everybody: to each reader the most pressing one of theirs.
  absl::Status GiveSecondReadings() {
    for (Candidate& reader : candidates_) {
      while (given_ < kMostAPass) {
        ASSIGN_OR_RETURN(const std::optional<ConsultationId> next,
                         TakeMostPressing(session_, centre_.id.uuid(), reader.member.rights.kinds,
                                          reader.member.practitioner, at_));
        if (!next) break;
        ASSIGN_OR_RETURN(const std::optional<Consultation> study, records::Lock(session_, *next));
        const bool emergency = study->urgency == Urgency::kEmergency;
        if (!emergency && reader.in_hand >= centre_.plan.most_in_hand) {
          waits_ = true;
          break;
        }
        RETURN_IF_ERROR(Give(*study, reader));
      }
    }
    return absl::OkStatus();
  }

  absl::Status LookAgain() const {
    const bool in_hand = std::any_of(candidates_.begin(), candidates_.end(),
                                     [](const Candidate& one) { return one.in_hand > 0; });
    if (!waits_ && !in_hand) return absl::OkStatus();
    const absl::Duration pause = given_ < kMostAPass ? kNextLook : absl::Milliseconds(1);
    return saga::SetTimer(session_, {.kind = std::string(records::kAssignTimer),
                                     .aggregate_id = centre_.id.uuid(),
                                     .due_at = at_ + pause,
                                     .payload = centre_.id.uuid().ToBytes()});
  }

 private:
  absl::Status Give(const Consultation& study, Candidate& reader) {
    std::optional<Change> given =
        study.Assign(reader.member.practitioner, centre_.plan.receipt, at_);
    if (!given) return absl::InternalError("a study that was offered is not free under its lock");
    ASSIGN_OR_RETURN(const std::vector<Change> changes,
                     records::Write(session_, &study, *std::move(given)));
    RETURN_IF_ERROR(
        session_.Execute(queries::kGiven, at_, centre_.id, reader.member.practitioner).status());
    if (study.urgency == Urgency::kEmergency) {
      ++reader.emergencies;
      reader.in_hand = reader.emergencies;  // the rest is parked
    } else {
      ++reader.in_hand;
    }
    reader.last_given = at_;
    ++given_;
    return outbox::Append(session_, records::EventsOf(changes));
  }

  mysql::Session& session_;
  const ReadingCentre& centre_;
  std::vector<Candidate> candidates_;
  const absl::Time at_;
  int given_ = 0;
  bool waits_ = false;
};

}  // namespace

absl::Status AssignWaiting(mysql::Session& session, CentreId id, absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<ReadingCentre> centre,
                   session.SelectOne<ReadingCentre>(queries::kLockCentre, rows::CentreFromRow, id));
  if (!centre || centre->plan.assignment != Assignment::kBalanced) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Candidate> candidates, LoadCandidates(session, id, at));
  if (candidates.empty()) return absl::OkStatus();
  Pass pass(session, *centre, std::move(candidates), at);
  RETURN_IF_ERROR(pass.GiveToAnybody());
  RETURN_IF_ERROR(pass.GiveSecondReadings());
  return pass.LookAgain();
}

}  // namespace yilian::consultation
