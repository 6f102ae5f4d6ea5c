// The consultation itself, and what becomes of it under each command. Pure: no clock, no store, no
// wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/consultation/domain/reading_centre.h"
#include "services/consultation/domain/types.h"

namespace yilian::consultation {

struct Actor {
  OrganizationId organization;
  PractitionerId practitioner;  // nil: a system
  // Of a reading centre: the one where they are on duty for a claim, the consultation's for the
  // rest. The store reads it in the command's own transaction.
  std::optional<ReadingMember> membership;
};

struct Evidence {
  EvidenceKind kind = EvidenceKind::kLabReport;
  std::string id;
  bool operator==(const Evidence&) const = default;
};

struct OpinionContent {
  std::string findings;
  std::string impression;
  std::string advice;
  bool refer_up = false;
  bool operator==(const OpinionContent&) const = default;
};

// What one reader said of a study when they handed it over. Kept as it is: no draft touches it.
struct Reading {
  PractitionerId practitioner;
  absl::Time read_at;
  OpinionContent content;
  bool operator==(const Reading&) const = default;
};

// A reading that another reader looks at before it is signed.
struct SecondReading {
  PractitionerId first;
  PractitionerId second;             // nil: it waits for one
  Verdict verdict = Verdict::kNone;  // of the second reader
  DiscrepancyCode discrepancy = DiscrepancyCode::kNone;
  std::string comment;
  // nullopt: handed on before readings were kept.
  std::optional<Reading> first_reading;
  // nullopt: by the verdict the second reader had written nothing of their own.
  std::optional<Reading> second_reading;
  bool operator==(const SecondReading&) const = default;
};

// A signed version; `signed_bytes` is what the signature covers, `content` is read from it.
struct SignedOpinion {
  int version = 0;
  PractitionerId practitioner;
  absl::Time signed_at;
  std::string signed_bytes;
  std::string signature;
  std::string key_id;
  std::string public_key;  // PEM
  bool operator==(const SignedOpinion&) const = default;
};

// Clocks of a region; defaults as domain.md, "Consultation", collects them.
struct Clocks {
  absl::Duration emergency = absl::Minutes(10);  // opinion, emergencies
  absl::Duration urgent = absl::Hours(12);       // remote consultation, emergency class
  absl::Duration routine = absl::Hours(72);      // completed in 3 days
  absl::Duration acknowledgement = absl::Hours(24);
  absl::Duration arrangement = absl::Hours(48);  // a routine question is in an expert's hands
};

// A clock escalates at its end, at 150 % and at 200 % of its time; each step once.
inline constexpr int kLastTier = 3;

struct Change;
struct NewConsultation;

struct Consultation {
  ConsultationId id;
  PatientId patient;
  Kind kind = Kind::kRemoteConsultation;
  Urgency urgency = Urgency::kRoutine;
  State state = State::kRequested;
  OrganizationId requesting_organization;
  PractitionerId requesting_practitioner;
  OrganizationId consulted_organization;
  std::string specialty;
  PractitionerId expert;
  std::string question;
  std::vector<Evidence> evidence;
  ReferralId referral;
  absl::Time requested_at;
  std::optional<absl::Time> due_at;
  std::optional<absl::Time> lease_until;
  int64_t lease_epoch = 0;
  std::optional<OpinionContent> draft;
  std::optional<SignedOpinion> opinion;  // the last one
  ReasonCode reason = ReasonCode::kNone;
  std::string reason_comment;
  absl::Time updated_at;
  int64_t version = 0;
  CentreId centre;                           // nil: none reads it
  PractitionerId draft_by;                   // who wrote `draft`
  absl::Duration clock_time;                 // how long the clock that ends at `due_at` runs
  int tier = 0;                              // steps that it has escalated
  std::optional<absl::Time> receipt_due_at;  // until somebody has it in hand
  std::optional<absl::Time> received_at;
  bool receipt_overdue = false;
  std::optional<absl::Time> parked_at;  // gives way to an emergency of the same reader
  // As the centre had it when the study came.
  bool second_reading_required = false;
  bool first_reader_signs = false;
  std::optional<SecondReading> second_reading;

  std::string etag() const;
  // Keys by which worklists are sorted: urgency (0 first), then the clock that runs, else the last
  // change.
  int worklist_rank() const { return 3 - static_cast<int>(urgency); }
  absl::Time worklist_time() const { return due_at.value_or(updated_at); }
  std::optional<Side> SideOf(OrganizationId organization) const;
  std::vector<Command> AvailableTo(const Actor& by) const;

  // Takes the consultation for a lease, renews the expert's own claim, or takes over one that has
  // run out. Every new holder gets a new epoch, which fences the old one.
  // At a reading centre only readers on duty claim, and the draft stays with the study.
  absl::StatusOr<Change> Claim(const Actor& by, absl::Duration lease, absl::Time at) const;
  // The expert gives it back to the worklist.
  absl::StatusOr<Change> Release(const Actor& by, int64_t epoch, absl::Time at) const;
  absl::StatusOr<Change> SaveDraft(const Actor& by, int64_t epoch, OpinionContent content,
                                   absl::Time at) const;
  // A first reading, which waits for another reader as the draft. Once a study.
  absl::StatusOr<Change> SubmitFirstReading(const Actor& by, int64_t epoch, OpinionContent content,
                                            absl::Time at) const;
  // Where the first reader signs, it goes back to the worklist, for them alone.
  absl::StatusOr<Change> RecordSecondReading(const Actor& by, int64_t epoch, Verdict verdict,
                                             DiscrepancyCode discrepancy, std::string comment,
                                             absl::Time at) const;
  // The second reader is another than the first; after the second reading only the one who signs
  // takes it up. Once the clock has escalated anybody does, so that nothing waits for somebody who
  // is away.
  absl::Status CheckTakesUp(PractitionerId reader) const;
  // May the opinion be signed now, and which version would it be?
  absl::StatusOr<int> CheckSign(const Actor& by, int64_t epoch, absl::Time at) const;
  // Whose words an opinion holds that `signer` signs: of who handed on or left exactly these, else
  // of the signer.
  PractitionerId AuthorOf(const OpinionContent& content, PractitionerId signer) const;
  absl::StatusOr<Change> Sign(const Actor& by, int64_t epoch, SignedOpinion opinion,
                              const Clocks& clocks, absl::Time at) const;
  absl::StatusOr<Change> Acknowledge(const Actor& by, absl::Time at) const;
  absl::StatusOr<Change> Decline(const Actor& by, ReasonCode reason, std::string comment,
                                 absl::Time at) const;
  absl::StatusOr<Change> Cancel(const Actor& by, ReasonCode reason, std::string comment,
                                absl::Time at) const;
  // The patient withdrew their consent to it. A question that no expert has taken yet is cancelled:
  // nothing is read of it any more, both sides are told, and the requester owns what is next. One
  // that an expert is at, or has answered, goes on: it is part of the patient's treatment, and both
  // sides keep the record. So does an emergency, which waits for nobody. nullopt: nothing changes.
  std::optional<Change> WithdrawConsent(absl::Time at) const;
  // The next step of a clock that ran out; nullopt where none is due.
  std::optional<Change> Escalate(absl::Time at) const;
  // When Escalate has something to do next; nullopt: never, as things are.
  std::optional<absl::Time> NextStepAt() const;

  // The centre gives it to a reader, who takes it by claiming it within `receipt`; nullopt when
  // somebody has it.
  std::optional<Change> Assign(PractitionerId reader, absl::Duration receipt, absl::Time at) const;
  // Gives way to an emergency: its reader keeps it and its draft for `parking`, then it is offered
  // to all. nullopt when there is nothing to park.
  std::optional<Change> Park(absl::Duration parking, absl::Time at) const;
  // Its reader has gone off duty; nullopt when it is not in hand.
  std::optional<Change> HandBack(absl::Time at) const;

  bool operator==(const Consultation&) const = default;

 private:
  absl::Status Check(Command command, const Actor& by) const;
  bool IsHeld(absl::Time at) const { return lease_until && *lease_until > at; }
  absl::Status CheckReader(const Actor& by, absl::Time at) const;
  absl::Status CheckMaySign(const Actor& by) const;
  absl::Status CheckSecondReading(const Actor& by) const;
  // Who signs after the second reading.
  PractitionerId Signer() const;
  void StartClock(absl::Time from, absl::Time due, absl::Duration time);
  void StopClock();
  Change Unclaimed(absl::Time at) const;
  // The claim `epoch` is the caller's and alive.
  absl::Status CheckClaim(const Actor& by, int64_t epoch, absl::Time at) const;
  Change Next(std::string_view event, absl::Time at) const;
  Change Cancelled(ReasonCode reason, std::string comment, absl::Time at) const;

  friend absl::StatusOr<Change> RequestConsultation(const NewConsultation& input, const Actor& by,
                                                    const Clocks& clocks,
                                                    const std::optional<ReadingCentre>& centre,
                                                    absl::Time at);
};

struct Change {
  Consultation after;
  std::string event;                     // "OpinionSigned"
  std::optional<SignedOpinion> opinion;  // a new version to keep
  // The reader has an emergency in hand from now on: what else they have in hand at the centre is
  // parked.
  bool parks_others = false;
};

struct NewConsultation {
  ConsultationId id;
  PatientId patient;
  Kind kind = Kind::kRemoteConsultation;
  Urgency urgency = Urgency::kRoutine;
  OrganizationId consulted_organization;
  std::string specialty;
  std::string question;
  std::vector<Evidence> evidence;
  ReferralId referral;
  bool patient_consented = false;
  CentreId centre;  // nil: the one that the organization has for the kind
};

// `centre`: the one of the consulted organization that reads the kind; nullopt: none does.
absl::StatusOr<Change> RequestConsultation(const NewConsultation& input, const Actor& by,
                                           const Clocks& clocks,
                                           const std::optional<ReadingCentre>& centre,
                                           absl::Time at);

}  // namespace yilian::consultation
