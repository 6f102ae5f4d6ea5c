#include "services/referral/domain/advice.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "common/base/etag.h"
#include "common/base/name_table.h"
#include "common/base/status_macros.h"
#include "services/referral/domain/advice_errors.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

constexpr auto kStates = base::Names<AdviceState>({{AdviceState::kOpen, "OPEN"},
                                                   {AdviceState::kAnswered, "ANSWERED"},
                                                   {AdviceState::kClosed, "CLOSED"},
                                                   {AdviceState::kConverted, "CONVERTED"}});
constexpr auto kCommands =
    base::Names<AdviceCommand>({{AdviceCommand::kAnswer, "ANSWER"},
                                {AdviceCommand::kContinue, "CONTINUE"},
                                {AdviceCommand::kProposeReferral, "PROPOSE_REFERRAL"},
                                {AdviceCommand::kDeclineProposal, "DECLINE_PROPOSAL"},
                                {AdviceCommand::kConvert, "CONVERT"},
                                {AdviceCommand::kClose, "CLOSE"}});

// Legal as long as the thread is not over: whose, and what it leads to. `in_person`: the very
// person who asked, where a person did.
struct Rule {
  AdviceCommand command;
  std::optional<AdviceSide> side;  // nullopt: either
  std::optional<AdviceState> to;   // nullopt: stays
  bool in_person = false;
};
constexpr auto kRules = std::to_array<Rule>({
    {AdviceCommand::kAnswer, AdviceSide::kAdvising, AdviceState::kAnswered},
    {AdviceCommand::kContinue, AdviceSide::kAsking, AdviceState::kOpen},
    {AdviceCommand::kProposeReferral, AdviceSide::kAdvising, AdviceState::kAnswered},
    {AdviceCommand::kDeclineProposal, AdviceSide::kAsking, std::nullopt, true},
    {AdviceCommand::kConvert, AdviceSide::kAsking, AdviceState::kConverted, true},
    {AdviceCommand::kClose, std::nullopt, AdviceState::kClosed},
});

const Rule& RuleOf(AdviceCommand command) {
  return kRules[static_cast<size_t>(command) - static_cast<size_t>(AdviceCommand::kAnswer)];
}

bool IsTheAsker(const Advice& advice, const Actor& by) {
  return advice.asking.practitioner.is_nil() || by.practitioner == advice.asking.practitioner;
}

bool IsLegal(const Advice& advice, AdviceCommand command) {
  if (IsOver(advice.state)) return false;
  return command != AdviceCommand::kDeclineProposal || advice.referral_proposed;
}

}  // namespace

std::string_view Name(AdviceState state) { return kStates.NameOf(state); }
std::string_view Name(AdviceCommand command) { return kCommands.NameOf(command); }
std::string_view Name(AdviceSide side) {
  return side == AdviceSide::kAsking ? "ASKING" : "ADVISING";
}
std::optional<AdviceState> AdviceStateFromName(std::string_view name) {
  return kStates.ValueOf(name);
}

absl::Time AdviceDeadlines::Answer(Urgency urgency, absl::Time asked) const {
  return urgency == Urgency::kRoutine
             ? calendar_.AddWorkingDays(asked, defaults_.routine_answer_days)
             : asked + defaults_.urgent_answer;
}

std::string Advice::etag() const { return base::EtagOf(version); }

std::optional<AdviceSide> Advice::SideOf(OrganizationId organization) const {
  if (organization == asking.organization) return AdviceSide::kAsking;
  if (organization == advising_organization) return AdviceSide::kAdvising;
  return std::nullopt;
}

std::vector<AdviceCommand> Advice::AvailableTo(const Actor& by) const {
  const std::optional<AdviceSide> side = SideOf(by.organization);
  std::vector<AdviceCommand> commands;
  for (const Rule& rule : kRules) {
    if (side && IsLegal(*this, rule.command) && (!rule.side || *rule.side == *side) &&
        (!rule.in_person || IsTheAsker(*this, by))) {
      commands.push_back(rule.command);
    }
  }
  return commands;
}

void AdviceChange::Say(TurnKind kind, std::string text, const Actor& by, absl::Time at) {
  after.turns.push_back({.number = ++after.turn_count,
                         .kind = kind,
                         .text = std::move(text),
                         .by = by,
                         .said_at = at});
  said = true;
}

void AdviceChange::StartClock(absl::Time from, absl::Time due) {
  after.clock_started_at = from;
  after.due_at = due;
  after.escalation_tier = 0;
}

void AdviceChange::StopClock() {
  after.clock_started_at.reset();
  after.due_at.reset();
  after.escalation_tier = 0;
}

AdviceChange Advice::Next(std::string_view event, absl::Time at) const {
  AdviceChange change{.after = *this, .event = std::string(event)};
  change.after.updated_at = at;
  ++change.after.version;
  return change;
}

absl::StatusOr<AdviceChange> Advice::Apply(AdviceCommand command, const Actor& by,
                                           std::string_view event, absl::Time at) const {
  const std::optional<AdviceSide> side = SideOf(by.organization);
  if (!side) return errors::AdviceNotFound();
  if (!IsLegal(*this, command)) {
    return errors::AdviceCommandNotAvailable(command, state, AvailableTo(by));
  }
  const Rule& rule = RuleOf(command);
  if (rule.side && *rule.side != *side) return errors::NotYourAdviceSide(command, *rule.side);
  if (rule.in_person && !IsTheAsker(*this, by)) return errors::NotTheAsker();
  AdviceChange change = Next(event, at);
  change.after.state = rule.to.value_or(state);
  return change;
}

absl::StatusOr<AdviceChange> AskAdvice(const NewAdvice& input, const Actor& by,
                                       const AdviceDeadlines& deadlines, absl::Time at) {
  errors::Violations violations;
  if (input.advising_organization == by.organization) {
    violations.emplace_back("advising_organization_id",
                            "is another organization than the asking one");
  }
  if (input.urgency == Urgency::kEmergency) {
    violations.emplace_back("urgency",
                            "is ROUTINE or URGENT: refer an emergency by the green channel");
  }
  if (!input.patient_consented) {
    violations.emplace_back("patient_consented", "the patient agreed to the sharing of their data");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);

  AdviceChange change{.event = "AdviceAsked"};
  Advice& asked = change.after;
  asked.id = input.id;
  asked.patient = input.patient;
  asked.urgency = input.urgency;
  asked.asking = by;
  asked.advising_organization = input.advising_organization;
  asked.advising_department = input.advising_department;
  asked.advising_practitioner = input.advising_practitioner;
  asked.asked_at = at;
  asked.updated_at = at;
  asked.version = 1;
  change.Say(TurnKind::kQuestion, input.question, by, at);
  change.StartClock(at, deadlines.Answer(input.urgency, at));
  return change;
}

absl::StatusOr<AdviceChange> Advice::Answer(const Actor& by, std::string text,
                                            absl::Time at) const {
  ASSIGN_OR_RETURN(AdviceChange change, Apply(AdviceCommand::kAnswer, by, "AdviceAnswered", at));
  if (turn_count >= kMostTurns) return errors::TooManyTurns(kMostTurns);
  change.Say(TurnKind::kAnswer, std::move(text), by, at);
  if (!first_answered_at) change.after.first_answered_at = at;
  change.StopClock();
  return change;
}

absl::StatusOr<AdviceChange> Advice::Continue(const Actor& by, std::string text,
                                              const AdviceDeadlines& deadlines,
                                              absl::Time at) const {
  ASSIGN_OR_RETURN(AdviceChange change, Apply(AdviceCommand::kContinue, by, "AdviceContinued", at));
  if (turn_count >= kMostTurns) return errors::TooManyTurns(kMostTurns);
  change.Say(TurnKind::kQuestion, std::move(text), by, at);
  // What is added to a question that waits gives the specialist no more time.
  if (state == AdviceState::kAnswered) change.StartClock(at, deadlines.Answer(urgency, at));
  return change;
}

absl::StatusOr<AdviceChange> Advice::ProposeReferral(const Actor& by, std::string text,
                                                     absl::Time at) const {
  ASSIGN_OR_RETURN(AdviceChange change,
                   Apply(AdviceCommand::kProposeReferral, by, "AdviceReferralProposed", at));
  if (turn_count >= kMostTurns) return errors::TooManyTurns(kMostTurns);
  change.Say(TurnKind::kProposal, std::move(text), by, at);
  change.after.referral_proposed = true;
  if (!first_answered_at) change.after.first_answered_at = at;
  change.StopClock();
  return change;
}

absl::StatusOr<AdviceChange> Advice::DeclineProposal(const Actor& by, std::string text,
                                                     absl::Time at) const {
  ASSIGN_OR_RETURN(AdviceChange change,
                   Apply(AdviceCommand::kDeclineProposal, by, "AdviceProposalDeclined", at));
  change.Say(TurnKind::kProposalDeclined, std::move(text), by, at);
  change.after.referral_proposed = false;
  return change;
}

absl::StatusOr<AdviceChange> Advice::Convert(const Actor& by, ReferralId to, absl::Time at) const {
  ASSIGN_OR_RETURN(AdviceChange change, Apply(AdviceCommand::kConvert, by, "AdviceConverted", at));
  change.after.referral = to;
  change.after.referral_proposed = false;
  change.StopClock();
  return change;
}

absl::StatusOr<AdviceChange> Advice::Close(const Actor& by, ReasonCode reason, std::string comment,
                                           absl::Time at) const {
  ASSIGN_OR_RETURN(AdviceChange change, Apply(AdviceCommand::kClose, by, "AdviceClosed", at));
  if (SideOf(by.organization) == AdviceSide::kAdvising && reason == ReasonCode::kNone) {
    return errors::FieldInvalid({{"reason", "is given when the advising side closes"}});
  }
  if (!comment.empty()) change.Say(TurnKind::kClosing, std::move(comment), by, at);
  change.after.close_reason = reason;
  change.after.referral_proposed = false;
  change.StopClock();
  return change;
}

std::optional<AdviceChange> Advice::Escalate(absl::Time at) const {
  if (!due_at || !clock_started_at || escalation_tier >= Deadlines::kLastTier) return std::nullopt;
  if (at < Deadlines::EscalationAt(*clock_started_at, *due_at, escalation_tier + 1)) {
    return std::nullopt;
  }
  AdviceChange change = Next("AdviceEscalated", at);
  ++change.after.escalation_tier;
  return change;
}

}  // namespace yilian::referral
