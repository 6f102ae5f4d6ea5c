#include "services/lab/domain/critical_value.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/name_table.h"
#include "common/base/status_macros.h"
#include "services/lab/domain/decimal.h"
#include "services/lab/domain/errors.h"

namespace yilian::lab {
namespace {

constexpr auto kStates = base::Names<CriticalState>({{CriticalState::kDetected, "DETECTED"},
                                                     {CriticalState::kVerified, "VERIFIED"},
                                                     {CriticalState::kNotified, "NOTIFIED"},
                                                     {CriticalState::kReadBack, "READ_BACK"},
                                                     {CriticalState::kActed, "ACTED"},
                                                     {CriticalState::kRetracted, "RETRACTED"},
                                                     {CriticalState::kSuperseded, "SUPERSEDED"}});
constexpr auto kCommands = base::Names<CriticalCommand>({{CriticalCommand::kVerify, "VERIFY"},
                                                         {CriticalCommand::kNotify, "NOTIFY"},
                                                         {CriticalCommand::kReadBack, "READ_BACK"},
                                                         {CriticalCommand::kAct, "ACT"}});

struct CommandRule {
  CriticalState from;
  CriticalCommand command;
  CriticalParty party;
};

// domain.md's chain. The clinic never waits for the laboratory: it may read back what was only
// detected. The laboratory reads back for whom it has on the phone.
constexpr auto kTable = std::to_array<CommandRule>({
    {CriticalState::kDetected, CriticalCommand::kVerify, CriticalParty::kLaboratory},
    {CriticalState::kDetected, CriticalCommand::kNotify, CriticalParty::kLaboratory},
    {CriticalState::kVerified, CriticalCommand::kNotify, CriticalParty::kLaboratory},
    {CriticalState::kNotified, CriticalCommand::kNotify, CriticalParty::kLaboratory},
    {CriticalState::kDetected, CriticalCommand::kReadBack, CriticalParty::kLaboratory},
    {CriticalState::kVerified, CriticalCommand::kReadBack, CriticalParty::kLaboratory},
    {CriticalState::kNotified, CriticalCommand::kReadBack, CriticalParty::kLaboratory},
    {CriticalState::kDetected, CriticalCommand::kReadBack, CriticalParty::kClinic},
    {CriticalState::kVerified, CriticalCommand::kReadBack, CriticalParty::kClinic},
    {CriticalState::kNotified, CriticalCommand::kReadBack, CriticalParty::kClinic},
    {CriticalState::kReadBack, CriticalCommand::kAct, CriticalParty::kClinic},
});

// A hospital whose own laboratory measured for its own ward is both.
bool Is(CriticalParty party, const CriticalValue& value, const CriticalActor& actor) {
  if (party == CriticalParty::kLaboratory) {
    return actor.organization == value.performing_organization;
  }
  return actor.organization == value.ordering_organization || actor.cares_for_patient;
}

CriticalStep StepOf(const CriticalActor& by, absl::Time at) {
  return {.at = at, .organization = by.organization, .practitioner = by.practitioner};
}

bool SameValue(std::string_view a, std::string_view b) {
  const auto order = CompareDecimals(a, b);
  return order ? *order == 0 : a == b;
}

bool IsAbout(const CriticalValue& known, const Observation& o) {
  return known.code.system == o.code.system && known.code.code == o.code.code &&
         (!o.code.code.empty() || known.code.display == o.code.display) && known.sub_id == o.sub_id;
}

std::optional<absl::Time> Rung(const CriticalValue& value, const CriticalRules& rules, int tier) {
  if (tier >= static_cast<int>(rules.ladder.size())) return std::nullopt;
  return value.detected_at + rules.ladder[static_cast<size_t>(tier)];
}

CriticalValue Detected(const Report& report, const Observation& o, const CriticalGrounds& grounds,
                       const CriticalRules& rules, absl::Time at) {
  CriticalValue value{.id = CriticalValueId::New(at),
                      .report = report.id,
                      .report_version = report.version,
                      .observation = o.id,
                      .patient = report.patient,
                      .performing_organization = report.performing_organization,
                      .ordering_organization = report.ordering_organization,
                      .code = o.code,
                      .sub_id = o.sub_id,
                      .value = o.value,
                      .unit = o.unit,
                      .reference_range = o.reference_range,
                      .grounds = grounds,
                      .detected_at = at};
  value.due_at = Rung(value, rules, 0);
  return value;
}

}  // namespace

std::string_view Name(CriticalState state) { return kStates.NameOf(state); }
std::string_view Name(CriticalCommand command) { return kCommands.NameOf(command); }
std::string_view Name(CriticalParty party) {
  return party == CriticalParty::kLaboratory ? "laboratory" : "clinic";
}

bool CriticalValue::IsUnread() const {
  return state == CriticalState::kDetected || state == CriticalState::kVerified ||
         state == CriticalState::kNotified;
}

bool CriticalValue::Stands() const {
  return state != CriticalState::kRetracted && state != CriticalState::kSuperseded;
}

bool CriticalValue::IsShownTo(const CriticalActor& reader) const {
  return Is(CriticalParty::kLaboratory, *this, reader) || Is(CriticalParty::kClinic, *this, reader);
}

std::vector<CriticalCommand> CriticalValue::AvailableTo(const CriticalActor& by) const {
  std::vector<CriticalCommand> commands;
  for (const CommandRule& rule : kTable) {
    if (rule.from != state || !Is(rule.party, *this, by)) continue;
    if (std::find(commands.begin(), commands.end(), rule.command) == commands.end()) {
      commands.push_back(rule.command);
    }
  }
  return commands;
}

absl::Status CriticalValue::Check(CriticalCommand command, const CriticalActor& by) const {
  if (!IsShownTo(by)) return errors::NotFound();
  std::optional<CriticalParty> others;
  for (const CommandRule& rule : kTable) {
    if (rule.from != state || rule.command != command) continue;
    if (Is(rule.party, *this, by)) return absl::OkStatus();
    others = rule.party;
  }
  if (others) return errors::NotYourSide(command, *others);
  return errors::CommandNotAvailable(command, state, AvailableTo(by));
}

CriticalChange CriticalValue::Next(std::string_view event) const {
  CriticalChange change{.after = *this, .event = std::string(event)};
  ++change.after.version;
  return change;
}

absl::StatusOr<CriticalChange> CriticalValue::Verify(const CriticalActor& by, absl::Time at) const {
  RETURN_IF_ERROR(Check(CriticalCommand::kVerify, by));
  CriticalChange change = Next("CriticalValueVerified");
  change.after.state = CriticalState::kVerified;
  change.after.verified = StepOf(by, at);
  return change;
}

absl::StatusOr<CriticalChange> CriticalValue::Notify(const CriticalActor& by,
                                                     NotificationChannel channel,
                                                     NotificationOutcome outcome,
                                                     absl::Time at) const {
  RETURN_IF_ERROR(Check(CriticalCommand::kNotify, by));
  CriticalChange change = Next("CriticalValueAttempted");
  if (outcome == NotificationOutcome::kReached) change.after.state = CriticalState::kNotified;
  change.attempt =
      NotificationAttempt{.by = StepOf(by, at), .channel = channel, .outcome = outcome};
  return change;
}

absl::StatusOr<CriticalChange> CriticalValue::ReadBack(const CriticalActor& by,
                                                       std::string_view said,
                                                       const CriticalRules& rules,
                                                       absl::Time at) const {
  RETURN_IF_ERROR(Check(CriticalCommand::kReadBack, by));
  if (!SameValue(said, value)) return errors::ReadBackDiffers();
  CriticalChange change = Next("CriticalValueReadBack");
  change.after.state = CriticalState::kReadBack;
  change.after.read_back = StepOf(by, at);
  change.after.due_at = at + rules.action;
  return change;
}

absl::StatusOr<CriticalChange> CriticalValue::Act(const CriticalActor& by, std::string action_taken,
                                                  absl::Time at) const {
  RETURN_IF_ERROR(Check(CriticalCommand::kAct, by));
  CriticalChange change = Next("CriticalValueActed");
  change.after.state = CriticalState::kActed;
  change.after.acted = StepOf(by, at);
  change.after.action = std::move(action_taken);
  change.after.due_at.reset();
  return change;
}

std::optional<CriticalChange> CriticalValue::Escalate(const CriticalRules& rules,
                                                      absl::Time at) const {
  if (!due_at || at < *due_at) return std::nullopt;
  CriticalChange change = Next("CriticalValueEscalated");
  if (IsUnread()) {
    ++change.after.tier;
    change.after.due_at = Rung(*this, rules, change.after.tier);
  } else {
    change.after.action_overdue = true;
    change.after.due_at.reset();
  }
  return change;
}

std::vector<CriticalChange> FollowReport(const std::vector<CriticalValue>& known,
                                         const Report& report, const CriticalRules& rules,
                                         absl::Time at) {
  struct Finding {
    const Observation* observation;
    CriticalGrounds grounds;
  };
  std::vector<Finding> findings;
  const bool says_nothing =
      report.status == ResultStatus::kWithdrawn || report.status == ResultStatus::kCancelled;
  for (const Observation& observation : report.observations) {
    if (says_nothing) break;
    if (auto grounds = Judge(observation, rules.limits)) {
      findings.push_back({&observation, *std::move(grounds)});
    }
  }
  std::vector<const CriticalValue*> open;
  for (const CriticalValue& one : known) {
    if (one.Stands()) open.push_back(&one);
  }
  // The same value of the same thing about the same person: known already.
  std::erase_if(findings, [&](const Finding& finding) {
    const Observation& o = *finding.observation;
    const auto same = std::find_if(open.begin(), open.end(), [&](const CriticalValue* one) {
      return one->patient == report.patient && IsAbout(*one, o) && one->unit == o.unit &&
             SameValue(one->value, o.value);
    });
    if (same == open.end()) return false;
    open.erase(same);
    return true;
  });
  std::vector<CriticalChange> ended;
  std::vector<CriticalChange> begun;
  for (const Finding& finding : findings) {
    CriticalChange detected{
        .after = Detected(report, *finding.observation, finding.grounds, rules, at),
        .event = "CriticalValueDetected"};
    const auto old = std::find_if(open.begin(), open.end(), [&](const CriticalValue* one) {
      return one->patient == report.patient && IsAbout(*one, *finding.observation);
    });
    if (old != open.end()) {
      detected.after.replaces = (*old)->id;
      CriticalChange superseded = (*old)->Next("CriticalValueSuperseded");
      superseded.after.state = CriticalState::kSuperseded;
      superseded.after.due_at.reset();
      ended.push_back(std::move(superseded));
      open.erase(old);
    }
    begun.push_back(std::move(detected));
  }
  for (const CriticalValue* one : open) {
    CriticalChange retracted = one->Next("CriticalValueRetracted");
    retracted.after.state = CriticalState::kRetracted;
    retracted.after.due_at.reset();
    ended.push_back(std::move(retracted));
  }
  for (CriticalChange& change : begun) ended.push_back(std::move(change));
  return ended;
}

}  // namespace yilian::lab
