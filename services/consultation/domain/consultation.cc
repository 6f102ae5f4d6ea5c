#include "services/consultation/domain/consultation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "services/consultation/domain/centre_errors.h"
#include "services/consultation/domain/errors.h"

namespace yilian::consultation {
namespace {

struct CommandRule {
  State from;
  Command command;
  Side side;
};

// domain.md's chain. SIGN from SIGNED or ACKNOWLEDGED is a correction by the expert who signed.
constexpr auto kTable = std::to_array<CommandRule>({
    {State::kRequested, Command::kClaim, Side::kConsulted},
    {State::kRequested, Command::kDecline, Side::kConsulted},
    {State::kRequested, Command::kCancel, Side::kRequesting},
    {State::kAssigned, Command::kClaim, Side::kConsulted},
    {State::kAssigned, Command::kSaveDraft, Side::kConsulted},
    {State::kAssigned, Command::kSign, Side::kConsulted},
    {State::kAssigned, Command::kRelease, Side::kConsulted},
    {State::kAssigned, Command::kSubmitFirstReading, Side::kConsulted},
    {State::kAssigned, Command::kRecordSecondReading, Side::kConsulted},
    {State::kAssigned, Command::kDecline, Side::kConsulted},
    {State::kAssigned, Command::kCancel, Side::kRequesting},
    {State::kOpinionDrafted, Command::kClaim, Side::kConsulted},
    {State::kOpinionDrafted, Command::kSaveDraft, Side::kConsulted},
    {State::kOpinionDrafted, Command::kSign, Side::kConsulted},
    {State::kOpinionDrafted, Command::kRelease, Side::kConsulted},
    {State::kOpinionDrafted, Command::kSubmitFirstReading, Side::kConsulted},
    {State::kOpinionDrafted, Command::kRecordSecondReading, Side::kConsulted},
    {State::kOpinionDrafted, Command::kDecline, Side::kConsulted},
    {State::kOpinionDrafted, Command::kCancel, Side::kRequesting},
    {State::kSigned, Command::kSign, Side::kConsulted},
    {State::kSigned, Command::kAcknowledge, Side::kRequesting},
    {State::kAcknowledged, Command::kSign, Side::kConsulted},
});

absl::Duration ClockOf(Urgency urgency, const Clocks& clocks) {
  switch (urgency) {
    case Urgency::kEmergency:
      return clocks.emergency;
    case Urgency::kUrgent:
      return clocks.urgent;
    case Urgency::kRoutine:
      return clocks.routine;
  }
  return clocks.routine;
}

}  // namespace

std::string Consultation::etag() const { return base::EtagOf(version); }

std::optional<Side> Consultation::SideOf(OrganizationId organization) const {
  if (organization == requesting_organization) return Side::kRequesting;
  if (organization == consulted_organization) return Side::kConsulted;
  return std::nullopt;
}

std::vector<Command> Consultation::AvailableTo(const Actor& by) const {
  std::vector<Command> commands;
  const std::optional<Side> side = SideOf(by.organization);
  for (const CommandRule& rule : kTable) {
    if (side && rule.from == state && rule.side == *side) commands.push_back(rule.command);
  }
  return commands;
}

absl::Status Consultation::Check(Command command, const Actor& by) const {
  const std::optional<Side> side = SideOf(by.organization);
  if (!side) return errors::NotFound();
  for (const CommandRule& rule : kTable) {
    if (rule.from != state || rule.command != command) continue;
    return rule.side == *side ? absl::OkStatus() : errors::NotYourSide(command, rule.side);
  }
  return errors::CommandNotAvailable(command, state, AvailableTo(by));
}

absl::Status Consultation::CheckClaim(const Actor& by, int64_t epoch, absl::Time at) const {
  const bool mine = expert == by.practitioner && epoch == lease_epoch;
  if (!mine || !lease_until || *lease_until <= at) return errors::ClaimLost(lease_epoch);
  return absl::OkStatus();
}

absl::Status Consultation::CheckReader(const Actor& by, absl::Time at) const {
  if (centre.is_nil()) return absl::OkStatus();
  if (!by.membership || by.membership->centre != centre || !by.membership->IsOnDuty(at)) {
    return errors::NotOnDuty(centre);
  }
  return by.membership->Reads(kind) ? absl::OkStatus() : errors::NotAReader(centre, kind);
}

absl::Status Consultation::CheckMaySign(const Actor& by) const {
  if (centre.is_nil()) return absl::OkStatus();
  const bool may = by.membership && by.membership->centre == centre &&
                   by.membership->rights.may_sign && by.membership->Reads(kind);
  return may ? absl::OkStatus() : errors::MayNotSign(centre);
}

void Consultation::StartClock(absl::Time from, absl::Time due, absl::Duration time) {
  StopClock();
  due_at = due;
  clock_time = time;
  updated_at = from;
}

void Consultation::StopClock() {
  due_at.reset();
  receipt_due_at.reset();
  tier = 0;
}

Change Consultation::Next(std::string_view event, absl::Time at) const {
  Change change{.after = *this, .event = std::string(event)};
  change.after.updated_at = at;
  ++change.after.version;
  return change;
}

absl::StatusOr<Change> RequestConsultation(const NewConsultation& input, const Actor& by,
                                           const Clocks& clocks,
                                           const std::optional<ReadingCentre>& centre,
                                           absl::Time at) {
  errors::Violations violations;
  if (input.consulted_organization == by.organization) {
    violations.emplace_back("consulted_organization_id",
                            "is another organization than the requesting one");
  }
  if (!input.patient_consented) {
    violations.emplace_back("patient_consented",
                            "is true: the patient has agreed to the consultation");
  }
  if (!input.centre.is_nil() && (!centre || centre->id != input.centre)) {
    violations.emplace_back("centre_id",
                            "is a centre of the consulted organization that reads this kind; empty "
                            "for the one that it has");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  Change change{.event = "ConsultationRequested"};
  Consultation& now = change.after;
  now.id = input.id;
  now.patient = input.patient;
  now.kind = input.kind;
  now.urgency = input.urgency;
  now.requesting_organization = by.organization;
  now.requesting_practitioner = by.practitioner;
  now.consulted_organization = input.consulted_organization;
  now.specialty = input.specialty;
  now.question = input.question;
  now.evidence = input.evidence;
  now.referral = input.referral;
  now.requested_at = at;
  if (centre) {
    const ReadingClock clock = centre->ClockOf(input.urgency, at);
    now.centre = centre->id;
    now.StartClock(at, clock.opinion_due, centre->plan.opinion);
    now.receipt_due_at = clock.receipt_due;
    now.second_reading_required = centre->DrawsSecondReading(input.id);
    now.first_reader_signs = centre->plan.first_reader_signs;
  } else {
    const absl::Duration time = ClockOf(input.urgency, clocks);
    now.StartClock(at, at + time, time);
    if (input.urgency == Urgency::kRoutine && clocks.arrangement < time) {
      now.receipt_due_at = at + clocks.arrangement;
    }
  }
  now.version = 1;
  return change;
}

absl::StatusOr<Change> Consultation::Claim(const Actor& by, absl::Duration lease,
                                           absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kClaim, by));
  const bool held = IsHeld(at);
  const bool own = expert == by.practitioner;
  if (held && !own) return errors::ClaimedByAnother(*lease_until);
  const bool renewed = held && own;
  // Who pauses, or whose duty has run out, finishes what is in hand.
  if (!renewed) {
    RETURN_IF_ERROR(CheckReader(by, at));
    RETURN_IF_ERROR(CheckTakesUp(by.practitioner));
  }
  Change change = Next("ConsultationClaimed", at);
  change.after.lease_until = at + lease;
  change.after.parked_at.reset();
  change.after.receipt_due_at.reset();
  if (!received_at) change.after.received_at = at;
  if (!renewed) {
    ++change.after.lease_epoch;
    change.after.expert = by.practitioner;
    // What another expert had written is theirs; a reading centre works as one.
    if (centre.is_nil() && draft_by != by.practitioner) change.after.draft.reset();
  }
  if (state == State::kRequested) change.after.state = State::kAssigned;
  change.parks_others = !centre.is_nil() && urgency == Urgency::kEmergency && !renewed;
  return change;
}

std::optional<Change> Consultation::Assign(PractitionerId reader, absl::Duration receipt,
                                           absl::Time at) const {
  const bool open =
      state == State::kRequested || state == State::kAssigned || state == State::kOpinionDrafted;
  if (!open || IsHeld(at)) return std::nullopt;
  Change change = Next("ConsultationAssigned", at);
  change.after.state = State::kAssigned;
  change.after.expert = reader;
  ++change.after.lease_epoch;
  change.after.lease_until = at + receipt;
  change.after.parked_at.reset();
  change.parks_others = urgency == Urgency::kEmergency;
  return change;
}

std::optional<Change> Consultation::Park(absl::Duration parking, absl::Time at) const {
  if (centre.is_nil() || urgency == Urgency::kEmergency || !IsHeld(at) || parked_at) {
    return std::nullopt;
  }
  Change change = Next("ConsultationParked", at);
  change.after.parked_at = at;
  change.after.lease_until = std::max(*lease_until, at + parking);
  return change;
}

Change Consultation::Unclaimed(absl::Time at) const {
  Change change = Next("ConsultationReleased", at);
  change.after.state = State::kRequested;
  change.after.expert = PractitionerId();
  change.after.lease_until.reset();
  change.after.parked_at.reset();
  return change;
}

absl::StatusOr<Change> Consultation::Release(const Actor& by, int64_t epoch, absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kRelease, by));
  RETURN_IF_ERROR(CheckClaim(by, epoch, at));
  return Unclaimed(at);
}

std::optional<Change> Consultation::HandBack(absl::Time at) const {
  if (!IsHeld(at)) return std::nullopt;
  return Unclaimed(at);
}

absl::StatusOr<Change> Consultation::SaveDraft(const Actor& by, int64_t epoch,
                                               OpinionContent content, absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kSaveDraft, by));
  RETURN_IF_ERROR(CheckClaim(by, epoch, at));
  Change change = Next("OpinionDrafted", at);
  change.after.draft = std::move(content);
  change.after.draft_by = by.practitioner;
  change.after.state = State::kOpinionDrafted;
  return change;
}

absl::StatusOr<int> Consultation::CheckSign(const Actor& by, int64_t epoch, absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kSign, by));
  if (opinion) {
    // A correction is by the expert who signed, who needs no lease: nobody else may.
    if (expert != by.practitioner) return errors::ClaimLost(lease_epoch);
    RETURN_IF_ERROR(CheckMaySign(by));
    return opinion->version + 1;
  }
  RETURN_IF_ERROR(CheckClaim(by, epoch, at));
  RETURN_IF_ERROR(CheckMaySign(by));
  RETURN_IF_ERROR(CheckSecondReading(by));
  return 1;
}

absl::StatusOr<Change> Consultation::Sign(const Actor& by, int64_t epoch,
                                          SignedOpinion signed_opinion, const Clocks& clocks,
                                          absl::Time at) const {
  RETURN_IF_ERROR(CheckSign(by, epoch, at).status());
  Change change = Next(opinion ? "OpinionCorrected" : "OpinionSigned", at);
  change.after.state = State::kSigned;
  change.after.draft.reset();
  change.after.draft_by = PractitionerId();
  change.after.lease_until.reset();
  change.after.parked_at.reset();
  if (!received_at) change.after.received_at = at;
  change.after.StartClock(at, at + clocks.acknowledgement, clocks.acknowledgement);
  change.opinion = signed_opinion;
  change.after.opinion = std::move(signed_opinion);
  return change;
}

absl::StatusOr<Change> Consultation::Acknowledge(const Actor& by, absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kAcknowledge, by));
  Change change = Next("OpinionAcknowledged", at);
  change.after.state = State::kAcknowledged;
  change.after.StopClock();
  return change;
}

absl::StatusOr<Change> Consultation::Decline(const Actor& by, ReasonCode code, std::string comment,
                                             absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kDecline, by));
  Change change = Next("ConsultationDeclined", at);
  change.after.state = State::kDeclined;
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  change.after.lease_until.reset();
  change.after.parked_at.reset();
  change.after.StopClock();
  return change;
}

absl::StatusOr<Change> Consultation::Cancel(const Actor& by, ReasonCode code, std::string comment,
                                            absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kCancel, by));
  return Cancelled(code, std::move(comment), at);
}

std::optional<Change> Consultation::WithdrawConsent(absl::Time at) const {
  if (state != State::kRequested || urgency == Urgency::kEmergency) return std::nullopt;
  return Cancelled(ReasonCode::kPatientDeclined,
                   "患者已撤回远程会诊知情同意 (the patient withdrew their consent)", at);
}

Change Consultation::Cancelled(ReasonCode code, std::string comment, absl::Time at) const {
  Change change = Next("ConsultationCancelled", at);
  change.after.state = State::kCancelled;
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  change.after.lease_until.reset();
  change.after.parked_at.reset();
  change.after.StopClock();
  return change;
}

std::optional<absl::Time> Consultation::NextStepAt() const {
  std::optional<absl::Time> next;
  if (receipt_due_at && !receipt_overdue) next = receipt_due_at;
  if (due_at && tier < kLastTier) {
    const absl::Time step = *due_at + clock_time * (0.5 * tier);
    next = next ? std::min(*next, step) : step;
  }
  return next;
}

std::optional<Change> Consultation::Escalate(absl::Time at) const {
  const std::optional<absl::Time> step = NextStepAt();
  if (!step || at < *step) return std::nullopt;
  if (receipt_due_at && !receipt_overdue && *receipt_due_at == *step) {
    Change change = Next("ReceiptOverdue", at);
    change.after.receipt_overdue = true;
    return change;
  }
  Change change = Next("ConsultationEscalated", at);
  ++change.after.tier;
  return change;
}

}  // namespace yilian::consultation
