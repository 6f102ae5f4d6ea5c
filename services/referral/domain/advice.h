// Advice first: a question of one doctor to another about a patient, what is said on it, and how it
// ends. Pure: no clock, no store, no wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/referral/domain/deadlines.h"
#include "services/referral/domain/record.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// Numbers are those of the proto's enums.
enum class AdviceState { kOpen = 1, kAnswered, kClosed, kConverted };
enum class AdviceCommand {
  kAnswer = 1,
  kContinue,
  kProposeReferral,
  kDeclineProposal,
  kConvert,
  kClose
};
enum class TurnKind { kQuestion = 1, kAnswer, kProposal, kProposalDeclined, kClosing };
enum class AdviceSide { kAsking, kAdvising };

std::string_view Name(AdviceState state);
std::string_view Name(AdviceCommand command);
std::string_view Name(AdviceSide side);
std::optional<AdviceState> AdviceStateFromName(std::string_view name);

inline bool IsOver(AdviceState state) {
  return state == AdviceState::kClosed || state == AdviceState::kConverted;
}

// A thread that has not come to an end by then is better closed and asked anew.
inline constexpr int kMostTurns = 100;

struct AdviceTurn {
  int number = 0;  // from 1
  TurnKind kind = TurnKind::kQuestion;
  std::string text;
  Actor by;
  absl::Time said_at;
};

// By when a specialist answers; configuration.
class AdviceDeadlines {
 public:
  struct Defaults {
    absl::Duration urgent_answer = absl::Hours(4);
    int routine_answer_days = 2;  // working days
  };
  AdviceDeadlines(Defaults defaults, WorkingCalendar calendar)
      : defaults_(defaults), calendar_(std::move(calendar)) {}
  absl::Time Answer(Urgency urgency, absl::Time asked) const;

 private:
  Defaults defaults_;
  WorkingCalendar calendar_;
};

struct NewAdvice {
  AdviceId id;
  PatientId patient;
  Urgency urgency = Urgency::kRoutine;
  OrganizationId advising_organization;
  DepartmentId advising_department;
  PractitionerId advising_practitioner;  // nil: anybody of the department
  std::string question;
  bool patient_consented = false;
};

struct AdviceChange;

struct Advice {
  AdviceId id;
  PatientId patient;
  AdviceState state = AdviceState::kOpen;
  Urgency urgency = Urgency::kRoutine;
  Actor asking;
  OrganizationId advising_organization;
  DepartmentId advising_department;
  PractitionerId advising_practitioner;
  int turn_count = 0;
  bool referral_proposed = false;
  std::optional<absl::Time> clock_started_at;
  std::optional<absl::Time> due_at;
  int escalation_tier = 0;
  absl::Time asked_at;
  std::optional<absl::Time> first_answered_at;
  absl::Time updated_at;
  ReasonCode close_reason = ReasonCode::kNone;
  ReferralId referral;  // what it became
  int64_t version = 0;
  std::vector<AdviceTurn> turns;  // the oldest first; lists are read without

  std::string etag() const;
  absl::Time worklist_time() const { return due_at.value_or(updated_at); }
  std::optional<AdviceSide> SideOf(OrganizationId organization) const;
  // What `by` may do now, in the order of the commands.
  std::vector<AdviceCommand> AvailableTo(const Actor& by) const;

  // Each command: the changed thread, or why not. `by` is a party already.
  absl::StatusOr<AdviceChange> Answer(const Actor& by, std::string text, absl::Time at) const;
  absl::StatusOr<AdviceChange> Continue(const Actor& by, std::string text,
                                        const AdviceDeadlines& deadlines, absl::Time at) const;
  absl::StatusOr<AdviceChange> ProposeReferral(const Actor& by, std::string text,
                                               absl::Time at) const;
  absl::StatusOr<AdviceChange> DeclineProposal(const Actor& by, std::string text,
                                               absl::Time at) const;
  // The asker agrees to refer; `referral` is the id that the draft will have.
  absl::StatusOr<AdviceChange> Convert(const Actor& by, ReferralId referral, absl::Time at) const;
  absl::StatusOr<AdviceChange> Close(const Actor& by, ReasonCode reason, std::string comment,
                                     absl::Time at) const;
  // The next tier of a clock that ran out; nullopt where nothing is owed any more.
  std::optional<AdviceChange> Escalate(absl::Time at) const;

 private:
  absl::StatusOr<AdviceChange> Apply(AdviceCommand command, const Actor& by, std::string_view event,
                                     absl::Time at) const;
  AdviceChange Next(std::string_view event, absl::Time at) const;
};

// A decision: the thread after it, and the event that tells it. What was said is the last turn.
struct AdviceChange {
  Advice after;
  std::string event;  // "AdviceAnswered"
  bool said = false;  // a turn was added

  void Say(TurnKind kind, std::string text, const Actor& by, absl::Time at);
  void StartClock(absl::Time from, absl::Time due);
  void StopClock();
};

absl::StatusOr<AdviceChange> AskAdvice(const NewAdvice& input, const Actor& by,
                                       const AdviceDeadlines& deadlines, absl::Time at);

// The draft that a thread becomes: the referrer's own words in `input`, the receiver that advised
// where none is named, and what was said added to the history (at most `kHistoryLength` characters;
// the latest turns where not all fit). FIELD_INVALID.
inline constexpr int kHistoryLength = 4000;
absl::StatusOr<NewReferral> DraftFrom(const Advice& advice, NewReferral input,
                                      const absl::TimeZone& zone);

}  // namespace yilian::referral
