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
#include "services/referral/domain/required_items.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Who commands: an organization, and the practitioner where a person does.
struct Actor {
  OrganizationId organization;
  PractitionerId practitioner;
  bool operator==(const Actor&) const = default;
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
  int escalation_tier = 0;
  int reschedule_count = 0;
  std::string reschedule_reason;
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

// What a referral was made from: a signed opinion, an episode of the sending hospital, an advice.
struct Source {
  SourceKind kind = SourceKind::kOpinion;
  std::string id;
  bool operator==(const Source&) const = default;
};

// A clock that was stopped and may go on: how long it had run, and what was left.
struct PausedClock {
  absl::Duration ran;
  absl::Duration left;
  bool operator==(const PausedClock&) const = default;
};

// The referrer's wish to cancel after care has begun.
struct CancellationRequest {
  ReasonCode reason = ReasonCode::kNone;
  std::string comment;
  absl::Time asked_at;
  bool operator==(const CancellationRequest&) const = default;
};

// One step from receiver to receiver.
struct Redirection {
  OrganizationId from_organization;
  DepartmentId from_department;
  OrganizationId to_organization;
  DepartmentId to_department;
  ReasonCode reason = ReasonCode::kNone;
  std::string comment;
  PractitionerId by;
  absl::Time at;
  bool operator==(const Redirection&) const = default;
};

// What a receiver owed and gave for as long as it had the referral. `due_at` unset: no first
// response, for it had answered before, or its time was not up.
struct ReceiverResponse {
  OrganizationId organization;
  DepartmentId department;
  absl::Time received_at;
  std::optional<absl::Time> due_at;
  std::optional<absl::Time> responded_at;
  bool operator==(const ReceiverResponse&) const = default;
};

// What the patient, or who speaks for them, said of the whole; and who asked.
struct PatientRating {
  int score = 0;
  Respondent respondent = Respondent::kPatient;
  Actor asked_by;
  absl::Time recorded_at;
  bool operator==(const PatientRating&) const = default;
};

// One attempt to speak with the patient after closing 办结回访.
struct ClosingContact {
  Actor by;
  absl::Time contacted_at;
  bool reached = false;
  Satisfaction satisfaction = Satisfaction::kNone;
  std::string remarks;
  bool operator==(const ClosingContact&) const = default;
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
  ReferralId replaces;
  std::optional<Source> source;
};

// What a submission adds to a draft, or to what was returned.
struct Submission {
  bool consented = false;
  std::optional<ClinicalSummary> summary;
  std::optional<CarePlan> care_plan;
  std::optional<std::vector<Citation>> citations;
  ReferralId replaces;
  Requirements requirements;         // the receiving department's
  bool citations_unchecked = false;  // whether the cited reports exist could not be asked
};

// The text of a version, as `etag` fields have it.

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
  // 首接首办: the first receiver, until another one accepts; nil before submission.
  OrganizationId responsible_organization;
  DepartmentId responsible_department;
  ClinicalSummary summary;
  std::vector<Citation> citations;
  std::optional<CarePlan> care_plan;
  std::optional<BookingReference> booking;
  base::Uuid booking_saga;  // the one that holds, books or moves a seat now; nil: none
  BookingFailure booking_failure = BookingFailure::kNone;  // of the seat that was asked for last
  ReasonCode reason = ReasonCode::kNone;
  std::string reason_comment;
  std::string urgency_reason;  // why the receiver raised the urgency
  std::optional<CancellationRequest> cancellation;
  std::string outcome_letter;
  ReferralId follows;
  bool readmission = false;  // `follows` is the earlier episode, and the patient came back
  ReferralId replaces;
  std::optional<Source> source;
  bool patient_consented = false;
  std::optional<absl::Time> submitted_at;
  // Of the receiver that has it now: when it got it (unset: by the submission), when it first
  // answered, and by when that was due, which is what the rate counts (unset: it owes none).
  std::optional<absl::Time> received_at;
  std::optional<absl::Time> first_response_at;
  std::optional<absl::Time> response_due_at;
  std::optional<absl::Time> arrived_at;
  std::optional<absl::Time> completed_at;
  bool completed_in_time = false;  // the letter went out before its clock ran out
  // Since when a letter was owed that was late when somebody said that the patient was still there.
  std::optional<absl::Time> letter_missed_since;
  std::optional<absl::Time> clock_started_at;  // of the clock that runs now
  std::optional<absl::Time> due_at;
  // Goes on after a redirect, a refused cancellation, or when no seat was found after a no-show.
  std::optional<PausedClock> paused_clock;
  std::optional<absl::Time> no_show_at;  // until another seat is booked
  int escalation_tier = 0;
  OrganizationId region;  // the health authority that tier 3 was addressed to
  std::optional<int> referrer_score;
  std::optional<int> receiver_score;
  std::optional<PatientRating> patient_rating;
  std::vector<ClosingContact> closing_contacts;  // the newest last
  // After a merge of patients two open referrals may be of one kind; one of them has the key.
  bool key_withheld = false;
  int redirect_count = 0;
  bool consent_withdrawn = false;         // since it was handed over
  bool citations_unchecked = false;       // submitted while nobody could say that they exist
  std::vector<Redirection> redirections;  // the newest last; only where one referral was asked for
  absl::Time updated_at;
  int64_t version = 0;

  std::string etag() const;
  // The key by which worklists are sorted: the clock that runs, else the last change.
  absl::Time worklist_time() const { return due_at.value_or(updated_at); }
  // A redirect waits for the new receiver's answer.
  bool redirected() const {
    return !responsible_organization.is_nil() && responsible_organization != receiving_organization;
  }
  // Whether a seat is held by this saga; rows from before sagas were named hold it for any.
  bool HeldBy(const base::Uuid& saga) const {
    return state == State::kSlotHeld && (booking_saga == saga || booking_saga.is_nil());
  }
  // What the unique key over open referrals is made of: patient, department and complaint; nil
  // where none is taken (not yet submitted, closed, or without a complaint).
  base::Uuid open_key() const;
  // Replaces what is cited; the opinion that the referral was made from stays.
  void Cite(std::vector<Citation> what);
  // One draft for an episode, however often the hospital reports it; nil for other sources.
  base::Uuid source_key() const;
  // The side an organization is on; nullopt: no party.
  std::optional<Side> SideOf(OrganizationId organization) const;
  std::vector<Command> AvailableTo(const Actor& by) const;
  ClockKind clock() const;
  // The patient was there and the visit is over: the outcome letter's clock runs, if behind that of
  // a cancellation.
  bool letter_owed() const;
  // By when, if behind the clock of a cancellation; nullopt: none is owed.
  std::optional<absl::Time> letter_due_at() const;
  // The patient is there and nobody has said that the visit is over.
  bool stays() const;
  // Who has to do what comes next: of a rejected one the referrer; nil for a completed or cancelled
  // one.
  OrganizationId owner() const;
  // Of the receiver that has it; nullopt: nobody does, it is a draft.
  std::optional<ReceiverResponse> response() const;
  // Whether an acceptance books by itself: the green channel, but for an emergency, where the
  // patient just comes.
  bool BooksOnAcceptance() const;

  // Each command: the changed referral with its event, or why not. `by` is a party already.
  absl::StatusOr<Change> Submit(const Actor& by, const Submission& submission,
                                const Deadlines& deadlines, absl::Time at) const;
  absl::StatusOr<Change> Submit(const Actor& by, bool consented,
                                const std::optional<ClinicalSummary>& new_summary,
                                const Deadlines& deadlines, absl::Time at) const;
  absl::StatusOr<Change> Return(const Actor& by, ReasonCode reason, std::string comment,
                                const Deadlines& deadlines, absl::Time at) const;
  // An urgency above the referrer's needs a reason.
  absl::StatusOr<Change> Accept(const Actor& by, std::optional<Urgency> raised,
                                std::string urgency_reason, const SeatWish& wish,
                                absl::Time at) const;
  // Of a receiver it was redirected to: back to the first one.
  absl::StatusOr<Change> Reject(const Actor& by, ReasonCode reason, std::string comment,
                                absl::Time at) const;
  // `requirements`: the new department's, which has to take it as a submission's has to; but not
  // where the first receiver takes back what it has looked at.
  absl::StatusOr<Change> Redirect(const Actor& by, OrganizationId organization,
                                  DepartmentId department, ReasonCode reason, std::string comment,
                                  const Deadlines& deadlines, absl::Time at,
                                  const Requirements& requirements = {}) const;
  absl::StatusOr<Change> Schedule(const Actor& by, const SeatWish& wish, absl::Time at) const;
  absl::StatusOr<Change> Reschedule(const Actor& by, const SeatWish& wish, absl::Time at) const;
  absl::StatusOr<Change> Arrive(const Actor& by, const Deadlines& deadlines, absl::Time at) const;
  absl::StatusOr<Change> MarkNoShow(const Actor& by, const Deadlines& deadlines,
                                    absl::Time at) const;
  absl::StatusOr<Change> BeginCare(const Actor& by, absl::Time at) const;
  // The patient was discharged: the letter is owed from now on.
  absl::StatusOr<Change> EndStay(const Actor& by, const Deadlines& deadlines, absl::Time at) const;
  // The patient is still there: the letter is owed when the stay ends.
  absl::StatusOr<Change> ContinueStay(const Actor& by, absl::Time at) const;
  absl::StatusOr<Change> Complete(const Actor& by, std::string outcome_letter, absl::Time at) const;
  absl::StatusOr<Change> Withdraw(const Actor& by, ReasonCode reason, std::string comment,
                                  absl::Time at) const;
  absl::StatusOr<Change> RequestCancellation(const Actor& by, ReasonCode reason,
                                             std::string comment, const Deadlines& deadlines,
                                             absl::Time at) const;
  absl::StatusOr<Change> ConfirmCancellation(const Actor& by, absl::Time at) const;
  absl::StatusOr<Change> RefuseCancellation(const Actor& by, std::string comment,
                                            absl::Time at) const;
  absl::StatusOr<Change> RecordFollowUp(const Actor& by, TaskId task, std::string result,
                                        absl::Time at) const;
  absl::StatusOr<Change> RescheduleFollowUp(const Actor& by, TaskId task, absl::CivilDay due_date,
                                            std::string reason, const Deadlines& deadlines,
                                            absl::Time at) const;
  absl::StatusOr<Change> Rate(const Actor& by, int score, absl::Time at) const;
  absl::StatusOr<Change> RecordPatientRating(const Actor& by, int score, Respondent respondent,
                                             absl::Time at) const;
  // `contact.by` is not looked at: it is `by`.
  absl::StatusOr<Change> RecordClosingContact(const Actor& by, ClosingContact contact,
                                              absl::Time at) const;

  // The submitted down-referral that goes with this one's completion: same patient, consent carried
  // over, `by` is the hospital.
  absl::StatusOr<Change> OpenDownReferral(NewReferral down, const Actor& by,
                                          const Deadlines& deadlines, absl::Time at) const;
  // The draft that the hospital's discharge event makes: back to who referred the patient, with one
  // follow-up to begin with; the doctor fills in the summary and submits it before its clock, as
  // long as the letter's, runs out.
  absl::StatusOr<Change> DraftDischarge(ReferralId draft, TaskId first_task, std::string episode,
                                        const Deadlines& deadlines, absl::Time at) const;

  // What the booking saga and the clocks do; nullopt where the referral has moved on (or another
  // saga works for it) and nothing is to be done.
  std::optional<Change> HoldSlot(const base::Uuid& saga, const BookingReference& booking,
                                 absl::Time at) const;
  std::optional<Change> ConfirmBooking(const base::Uuid& saga, absl::Time at) const;
  // The hold ran out before it was booked; another is tried for.
  std::optional<Change> LoseHold(const base::Uuid& saga, absl::Time at) const;
  // No seat can be had: the coordinator sees it on the worklist.
  std::optional<Change> FailBooking(const base::Uuid& saga, BookingFailure why,
                                    absl::Time at) const;
  std::optional<Change> ConfirmMove(const base::Uuid& saga, const BookingReference& booking,
                                    absl::Time at) const;
  // There is no other seat: what was booked stays booked.
  std::optional<Change> FailMove(const base::Uuid& saga, BookingFailure why, absl::Time at) const;
  // The hospital's system says that the stay has ended: the letter is owed from now on.
  std::optional<Change> NoteDischarge(const Deadlines& deadlines, absl::Time at) const;
  // It takes that back.
  std::optional<Change> NoteStay(absl::Time at) const;
  // Nobody has said for too long that the patient is there: the letter is owed as if they had left.
  std::optional<Change> OweLetter(const Deadlines& deadlines, absl::Time at) const;
  // Of a draft that a discharge made, when the hospital takes the discharge back: withdrawn; where
  // somebody has `worked_on` it, it stays without a clock and its reason says why.
  std::optional<Change> NoteDischargeCancelled(bool worked_on, absl::Time at) const;
  // Of one that stayed so, when the patient is discharged after all.
  std::optional<Change> NoteDischargedAgain(const Deadlines& deadlines, absl::Time at) const;
  // Of a draft that a discharge made: sent as the down-referral that a completion opened.
  Change SentAs(Change opened) const;
  // The patient took their consent back, or gave it anew.
  std::optional<Change> NoteConsent(bool withdrawn, absl::Time at) const;
  // Whether what is added now goes to somebody who may have it by the patient's consent alone: not
  // while a draft, nor once the patient is there to be treated.
  bool NeedsConsentToAdd() const;
  // `authority`: of the region, for tier 3.
  std::optional<Change> Escalate(OrganizationId authority, absl::Time at) const;
  std::optional<Change> EscalateTask(TaskId task, OrganizationId authority,
                                     const absl::TimeZone& zone, absl::Time at) const;

  bool operator==(const Referral&) const = default;

 private:
  absl::StatusOr<Change> Apply(Command command, const Actor& by, std::string_view event,
                               absl::Time at) const;
  Change Next(std::string_view event, absl::Time at) const;
  // Whether another department would take it as it is.
  absl::Status CheckFits(const Requirements& requirements) const;
  // Nobody has said yet how long the patient stays.
  bool LetterRunsFromArrival() const;
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
  std::optional<SeatWish> start_booking;  // a seat is to be held and booked, by after.booking_saga
  std::optional<SeatWish> move_booking;   // the booked seat is to be exchanged for another one
  std::optional<BookingId> release_booking;
  std::optional<VisitState> visit;         // of the booking, for `scheduling`
  std::optional<Redirection> redirection;  // to be kept with the others
  // Of the receiver that gave it away: what it leaves no trace of in the referral.
  std::optional<ReceiverResponse> response;
  // The referral that this one replaces is withdrawn in the same transaction, by this actor.
  std::optional<Actor> withdraw_replaced;
  TaskId escalated_task;  // of the event; nil: the referral's own clock

  void StartClock(absl::Time from, absl::Time due);
  void StopClock();
  // Stops it and remembers how far it had run.
  void PauseClock(absl::Time at);
  void ResumeClock(absl::Time at);
  // The outcome letter's, which runs on unseen behind a cancellation that was asked for.
  void StartLetter(absl::Time from, absl::Time due);
  // A letter that is late by then stays missed.
  void StopLetter(absl::Time at);
  // The saga that is to work for this version of the referral.
  void BeginBooking();
};

// Starts a draft. FIELD_INVALID names every rule across fields that is broken.
absl::StatusOr<Change> CreateReferral(const NewReferral& input, const Actor& by,
                                      const Deadlines& deadlines, absl::Time at);

}  // namespace yilian::referral
