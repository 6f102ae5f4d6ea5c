// The consultation itself, and what becomes of it under each command. Pure: no clock, no store, no
// wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/consultation/domain/types.h"

namespace yilian::consultation {

struct Actor {
  OrganizationId organization;
  PractitionerId practitioner;  // nil: a system
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
};

struct Change;

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
  bool escalated = false;
  absl::Time updated_at;
  int64_t version = 0;

  std::string etag() const;
  // Keys by which worklists are sorted: urgency (0 first), then the clock that runs, else the last
  // change.
  int worklist_rank() const { return 3 - static_cast<int>(urgency); }
  absl::Time worklist_time() const { return due_at.value_or(updated_at); }
  std::optional<Side> SideOf(OrganizationId organization) const;
  std::vector<Command> AvailableTo(const Actor& by) const;

  // Takes the consultation for a lease, renews the expert's own claim, or takes over one that has
  // run out. Every new holder gets a new epoch, which fences the old one.
  absl::StatusOr<Change> Claim(const Actor& by, absl::Duration lease, absl::Time at) const;
  absl::StatusOr<Change> SaveDraft(const Actor& by, int64_t epoch, OpinionContent content,
                                   absl::Time at) const;
  // May the opinion be signed now, and which version would it be?
  absl::StatusOr<int> CheckSign(const Actor& by, int64_t epoch, absl::Time at) const;
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
  // The clock ran out; nullopt where nothing is owed any more.
  std::optional<Change> Escalate(absl::Time at) const;

  bool operator==(const Consultation&) const = default;

 private:
  absl::Status Check(Command command, const Actor& by) const;
  // The claim `epoch` is the caller's and alive.
  absl::Status CheckClaim(const Actor& by, int64_t epoch, absl::Time at) const;
  Change Next(std::string_view event, absl::Time at) const;
  Change Cancelled(ReasonCode reason, std::string comment, absl::Time at) const;
};

struct Change {
  Consultation after;
  std::string event;                     // "OpinionSigned"
  std::optional<SignedOpinion> opinion;  // a new version to keep
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
};

absl::StatusOr<Change> RequestConsultation(const NewConsultation& input, const Actor& by,
                                           const Clocks& clocks, absl::Time at);

}  // namespace yilian::consultation
