// The referral itself: what it holds, and what becomes of it under each command. Pure: no clock, no
// store, no wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/deadlines.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Who commands: an organization, and the practitioner where a person does.
struct Actor {
  OrganizationId organization;
  PractitionerId practitioner;
};

struct Citation {
  CitationKind kind = CitationKind::kLabReport;
  std::string id;
  bool operator==(const Citation&) const = default;
};

struct ClinicalSummary {
  std::string complaint;
  std::string history;
  std::string diagnosis_system;
  std::string diagnosis_code;
  std::string diagnosis_display;
  std::string treatment;
  std::string question;
  bool operator==(const ClinicalSummary&) const = default;
};

struct FollowUpTask {
  TaskId id;
  std::string instruction;
  absl::CivilDay due_date;
  TaskState state = TaskState::kOpen;
  std::string result;
  bool operator==(const FollowUpTask&) const = default;
};

struct CarePlan {
  std::string discharge_summary;
  std::string medication;
  std::vector<FollowUpTask> tasks;
  bool operator==(const CarePlan&) const = default;
};

struct BookingReference {
  BookingId booking;
  SessionId session;
  PractitionerId practitioner;
  absl::Time starts_at;
  int seat_number = 0;
  bool operator==(const BookingReference&) const = default;
};

// What a referrer writes down to begin with.
struct NewReferral {
  ReferralId id;
  PatientId patient;
  Direction direction = Direction::kUp;
  Channel channel = Channel::kStandard;
  Setting setting = Setting::kOutpatient;
  Urgency urgency = Urgency::kRoutine;
  OrganizationId receiving_organization;
  DepartmentId receiving_department;
  ClinicalSummary summary;
  std::vector<Citation> citations;
  std::optional<CarePlan> care_plan;
  ReferralId follows;
};

struct Change;
struct SeatWish;

struct Referral {
  ReferralId id;
  PatientId patient;
  Direction direction = Direction::kUp;
  Channel channel = Channel::kStandard;
  Setting setting = Setting::kOutpatient;
  Urgency urgency = Urgency::kRoutine;
  State state = State::kDraft;
  OrganizationId referring_organization;
  PractitionerId referring_practitioner;
  OrganizationId receiving_organization;
  DepartmentId receiving_department;
  ClinicalSummary summary;
  std::vector<Citation> citations;
  std::optional<CarePlan> care_plan;
  std::optional<BookingReference> booking;
  ReasonCode reason = ReasonCode::kNone;
  std::string reason_comment;
  std::string outcome_letter;
  ReferralId follows;
  bool patient_consented = false;
  std::optional<absl::Time> submitted_at;
  std::optional<absl::Time> first_response_at;
  std::optional<absl::Time> response_due_at;  // of the first response: what the rate counts
  std::optional<absl::Time> arrived_at;
  std::optional<absl::Time> completed_at;
  bool completed_in_time = false;              // the letter went out before its clock ran out
  std::optional<absl::Time> clock_started_at;  // of the clock that runs now
  std::optional<absl::Time> due_at;
  int escalation_tier = 0;
  std::optional<int> referrer_score;
  std::optional<int> receiver_score;
  absl::Time updated_at;
  int64_t version = 0;

  std::string etag() const;
  // The key by which worklists are sorted: the clock that runs, else the last change.
  absl::Time worklist_time() const { return due_at.value_or(updated_at); }
  // The side an organization is on; nullopt: no party.
  std::optional<Side> SideOf(OrganizationId organization) const;
  std::vector<Command> AvailableTo(const Actor& by) const;
  // Whether an acceptance books by itself: the green channel, but for an emergency, where the
  // patient just comes.
  bool BooksOnAcceptance() const;

  // Each command: the changed referral with its event, or why not. `by` is a party already.
  absl::StatusOr<Change> Submit(const Actor& by, bool consented,
                                const std::optional<ClinicalSummary>& summary,
                                const Deadlines& deadlines, absl::Time at) const;
  absl::StatusOr<Change> Return(const Actor& by, ReasonCode reason, std::string comment,
                                const Deadlines& deadlines, absl::Time at) const;
  absl::StatusOr<Change> Accept(const Actor& by, std::optional<Urgency> raised,
                                const SeatWish& wish, absl::Time at) const;
  absl::StatusOr<Change> Reject(const Actor& by, ReasonCode reason, std::string comment,
                                absl::Time at) const;
  absl::StatusOr<Change> Schedule(const Actor& by, const SeatWish& wish, absl::Time at) const;
  absl::StatusOr<Change> Arrive(const Actor& by, const Deadlines& deadlines, absl::Time at) const;
  absl::StatusOr<Change> MarkNoShow(const Actor& by, const Deadlines& deadlines,
                                    absl::Time at) const;
  absl::StatusOr<Change> BeginCare(const Actor& by, absl::Time at) const;
  absl::StatusOr<Change> Complete(const Actor& by, std::string outcome_letter, absl::Time at) const;
  absl::StatusOr<Change> Withdraw(const Actor& by, ReasonCode reason, std::string comment,
                                  absl::Time at) const;
  absl::StatusOr<Change> RecordFollowUp(const Actor& by, TaskId task, std::string result,
                                        absl::Time at) const;
  absl::StatusOr<Change> Rate(const Actor& by, int score, absl::Time at) const;

  // The submitted down-referral that goes with this one's completion: same patient, consent carried
  // over, `by` is the hospital.
  absl::StatusOr<Change> OpenDownReferral(NewReferral down, const Actor& by,
                                          const Deadlines& deadlines, absl::Time at) const;

  // What the booking saga and the clocks do; nullopt where the referral has moved on and nothing is
  // to be done.
  std::optional<Change> HoldSlot(const BookingReference& booking, absl::Time at) const;
  std::optional<Change> ConfirmBooking(absl::Time at) const;
  // The hold ran out before it was booked; another is tried for.
  std::optional<Change> LoseHold(absl::Time at) const;
  // No seat can be had: the coordinator sees it on the worklist.
  std::optional<Change> FailBooking(absl::Time at) const;
  std::optional<Change> Escalate(absl::Time at) const;
  std::optional<Change> LetTaskLapse(TaskId task, absl::Time at) const;

  bool operator==(const Referral&) const = default;

 private:
  absl::StatusOr<Change> Apply(Command command, const Actor& by, std::string_view event,
                               absl::Time at) const;
  Change Next(std::string_view event, absl::Time at) const;
};

// Which seat is wanted; nil fields: any.
struct SeatWish {
  SessionId session;
  PractitionerId practitioner;
};

// A decision: the referral after it, and the names of the events that tell it.
struct Change {
  Referral after;
  std::vector<std::string> events;        // "ReferralAccepted"; the last one is of `after.version`
  std::optional<SeatWish> start_booking;  // a seat is to be held and booked
  std::optional<BookingId> release_booking;
  std::optional<VisitState> visit;  // of the booking, for `scheduling`

  void StartClock(absl::Time from, absl::Time due);
  void StopClock();
};

// Starts a draft. FIELD_INVALID names every rule across fields that is broken.
absl::StatusOr<Change> CreateReferral(const NewReferral& input, const Actor& by,
                                      const Deadlines& deadlines, absl::Time at);

}  // namespace yilian::referral
