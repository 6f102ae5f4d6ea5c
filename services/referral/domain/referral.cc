#include "services/referral/domain/referral.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "services/referral/domain/citation.h"
#include "services/referral/domain/command_table.h"
#include "services/referral/domain/complaint.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

// What the receiver needs to see before it can decide; a department's own list is data of the
// service catalogue.
errors::Violations MissingItems(const Referral& referral) {
  errors::Violations missing;
  if (!referral.patient_consented) {
    missing.emplace_back("patient_consented",
                         "the patient agreed to the referral and to the sharing of their data");
  }
  if (referral.direction == Direction::kDown) {
    // A draft of the discharge event has none yet.
    if (!referral.care_plan || referral.care_plan->discharge_summary.empty()) {
      missing.emplace_back("care_plan.discharge_summary", "the discharge summary is given");
    }
    return missing;
  }
  if (referral.summary.complaint.empty()) {
    missing.emplace_back("summary.complaint", "the chief complaint is given");
  }
  if (referral.summary.diagnosis_code.empty() && referral.summary.diagnosis_display.empty()) {
    missing.emplace_back("summary.diagnosis",
                         "a provisional diagnosis is given, as a code or in words");
  }
  if (referral.setting == Setting::kInpatient && referral.summary.history.empty()) {
    missing.emplace_back("summary.history", "the history is given when a bed is asked for");
  }
  return missing;
}

void CheckCarePlan(const CarePlan& plan, const Deadlines& deadlines, absl::Time at,
                   errors::Violations& violations) {
  const absl::CivilDay today = deadlines.calendar().DayOf(at);
  const int limit = deadlines.defaults().first_follow_up_days;
  absl::CivilDay first = absl::CivilDay::max();
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    first = std::min(first, plan.tasks[i].due_date);
    if (plan.tasks[i].due_date < today) {
      violations.emplace_back(fmt::format("care_plan.tasks[{}].due_date", i), "is today or later");
    }
  }
  if (plan.tasks.empty()) {
    violations.emplace_back("care_plan.tasks", "at least one follow-up task is given");
  } else if (first > today + limit) {
    violations.emplace_back(
        "care_plan.tasks",
        fmt::format("the first follow-up is due within {} days of the discharge", limit));
  }
}

}  // namespace

std::string Referral::etag() const { return base::EtagOf(version); }

base::Uuid Referral::open_key() const {
  if (!submitted_at || IsTerminal(state) || summary.complaint.empty()) return base::Uuid();
  const base::Uuid where =
      receiving_department.is_nil() ? receiving_organization.uuid() : receiving_department.uuid();
  return base::Uuid::V5(patient.uuid(),
                        fmt::format("{} {}", where.ToString(), BareComplaint(summary.complaint)));
}

void Referral::Cite(std::vector<Citation> what) {
  citations = std::move(what);
  if (!source || source->kind != SourceKind::kOpinion) return;
  const Citation opinion{CitationKind::kOpinion, source->id};
  if (std::find(citations.begin(), citations.end(), opinion) == citations.end()) {
    citations.push_back(opinion);
  }
}

base::Uuid Referral::source_key() const {
  if (!source || source->kind != SourceKind::kEpisode) return base::Uuid();
  // The next discharge of the episode is drafted anew.
  if (state == State::kCancelled && reason == ReasonCode::kDischargeCancelled) return base::Uuid();
  return base::Uuid::V5(referring_organization.uuid(), "episode " + source->id);
}

std::optional<Side> Referral::SideOf(OrganizationId organization) const {
  if (organization.is_nil()) return std::nullopt;
  if (organization == referring_organization) return Side::kReferring;
  // A draft is the referrer's own business, and the region's once its clock ran out that far.
  if (state != State::kDraft && submitted_at) {
    if (organization == receiving_organization) return Side::kReceiving;
    if (redirected() && organization == responsible_organization) return Side::kPrevious;
  }
  if (organization == region) return Side::kRegion;
  return std::nullopt;
}

namespace {

bool WorkBegun(const Referral& referral) {
  return referral.care_plan &&
         std::any_of(referral.care_plan->tasks.begin(), referral.care_plan->tasks.end(),
                     [](const FollowUpTask& task) { return task.state == TaskState::kDone; });
}

Circumstances CircumstancesOf(const Referral& referral) {
  return {.direction = referral.direction,
          .channel = referral.channel,
          .redirected = referral.redirected(),
          .booking_under_way = !referral.booking_saga.is_nil(),
          .cancellation_asked = referral.cancellation.has_value(),
          .letter_owed = referral.letter_owed(),
          .work_begun = WorkBegun(referral)};
}

}  // namespace

std::vector<Command> Referral::AvailableTo(const Actor& by) const {
  const std::optional<Side> side = SideOf(by.organization);
  return side ? AvailableCommands(state, *side, CircumstancesOf(*this)) : std::vector<Command>{};
}

bool Referral::BooksOnAcceptance() const {
  return direction != Direction::kDown && channel == Channel::kGreen &&
         setting != Setting::kEmergency;
}

Change Referral::Next(std::string_view event, absl::Time at) const {
  Change change{.after = *this, .events = {std::string(event)}};
  change.after.updated_at = at;
  ++change.after.version;
  return change;
}

absl::StatusOr<Change> Referral::Apply(Command command, const Actor& by, std::string_view event,
                                       absl::Time at) const {
  const std::optional<Side> side = SideOf(by.organization);
  if (!side) return errors::NotFound();
  const CommandRule* rule = FindRule(state, command, *side, CircumstancesOf(*this));
  if (rule == nullptr) return errors::CommandNotAvailable(command, state, AvailableTo(by));
  if (!rule->IsFor(*side)) return errors::NotYourSide(command, *rule->side);
  Change change = Next(event, at);
  change.after.state = rule->to;
  return change;
}

absl::StatusOr<Change> CreateReferral(const NewReferral& input, const Actor& by,
                                      const Deadlines& deadlines, absl::Time at) {
  errors::Violations violations;
  if (input.receiving_organization == by.organization) {
    violations.emplace_back("receiving_organization_id",
                            "is another organization than the referring one");
  }
  const bool down = input.direction == Direction::kDown;
  if (!down && input.receiving_department.is_nil()) {
    violations.emplace_back("receiving_department_id", "is given, but for a down-referral");
  }
  if (down && !input.care_plan) {
    violations.emplace_back("care_plan", "is given for a down-referral");
  }
  if (!down && input.care_plan) {
    violations.emplace_back("care_plan", "is given for a down-referral only");
  }
  if (down && input.channel == Channel::kGreen) {
    violations.emplace_back("channel", "is STANDARD for a down-referral");
  }
  if (!down && input.source && input.source->kind == SourceKind::kEpisode) {
    violations.emplace_back("source", "is an episode for a down-referral only");
  }
  if (input.care_plan) CheckCarePlan(*input.care_plan, deadlines, at, violations);
  CheckCitations(input.citations, violations);
  if (!violations.empty()) return errors::FieldInvalid(violations);

  Change change{.events = {"ReferralCreated"}};
  Referral& draft = change.after;
  draft.id = input.id;
  draft.patient = input.patient;
  draft.direction = input.direction;
  draft.channel = input.channel;
  draft.setting = input.setting;
  draft.urgency = input.urgency;
  draft.referring_organization = by.organization;
  draft.referring_practitioner = by.practitioner;
  draft.receiving_organization = input.receiving_organization;
  draft.receiving_department = input.receiving_department;
  draft.summary = input.summary;
  draft.care_plan = input.care_plan;
  draft.follows = input.follows;
  draft.replaces = input.replaces;
  draft.source = input.source;
  draft.Cite(input.citations);
  draft.updated_at = at;
  draft.version = 1;
  return change;
}

absl::StatusOr<Change> Referral::Submit(const Actor& by, const Submission& submission,
                                        const Deadlines& deadlines, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kSubmit, by, "ReferralSubmitted", at));
  Referral& next = change.after;
  next.patient_consented = patient_consented || submission.consented;
  if (submission.summary) next.summary = *submission.summary;
  if (submission.care_plan) {
    // A draft or a return: the community centre, which has not accepted, works on none of the
    // tasks.
    errors::Violations violations;
    if (direction != Direction::kDown) {
      violations.emplace_back("care_plan", "is given for a down-referral only");
    } else {
      CheckCarePlan(*submission.care_plan, deadlines, at, violations);
    }
    if (!violations.empty()) return errors::FieldInvalid(violations);
    next.care_plan = submission.care_plan;
  }
  if (submission.citations) {
    errors::Violations violations;
    CheckCitations(*submission.citations, violations);
    if (!violations.empty()) return errors::FieldInvalid(violations);
    next.Cite(*submission.citations);
  }
  next.citations_unchecked = submission.citations_unchecked;
  if (!submission.replaces.is_nil()) {
    next.replaces = submission.replaces;
    change.withdraw_replaced = by;
  }
  if (const errors::Violations refused = NotTaken(submission.requirements, next);
      !refused.empty()) {
    return errors::FieldInvalid(refused);
  }
  errors::Violations missing = MissingItems(next);
  for (auto& item : MissingItems(submission.requirements, next)) missing.push_back(std::move(item));
  if (!missing.empty()) return errors::Incomplete(missing);
  next.reason = ReasonCode::kNone;
  next.reason_comment.clear();
  const absl::Time due = deadlines.FirstResponse(direction, channel, urgency, at);
  if (!submitted_at) {
    next.submitted_at = at;
    next.response_due_at = due;
    next.responsible_organization = receiving_organization;
    next.responsible_department = receiving_department;
    if (!next.replaces.is_nil()) change.withdraw_replaced = by;
  }
  change.StartClock(at, due);
  return change;
}

absl::StatusOr<Change> Referral::Submit(const Actor& by, bool consented,
                                        const std::optional<ClinicalSummary>& new_summary,
                                        const Deadlines& deadlines, absl::Time at) const {
  return Submit(by, Submission{.consented = consented, .summary = new_summary}, deadlines, at);
}

absl::StatusOr<Change> Referral::Return(const Actor& by, ReasonCode code, std::string comment,
                                        const Deadlines& deadlines, absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kReturn, by, "ReferralReturned", at));
  change.after.reason = code;
  change.after.reason_comment = std::move(comment);
  if (!first_response_at) change.after.first_response_at = at;
  change.StartClock(at, deadlines.AnswerToReturn(at));
  return change;
}

absl::StatusOr<Change> Referral::Accept(const Actor& by, std::optional<Urgency> raised,
                                        std::string why, const SeatWish& wish,
                                        absl::Time at) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kAccept, by, "ReferralAccepted", at));
  Referral& next = change.after;
  if (raised) {
    if (*raised < urgency) {
      return errors::FieldInvalid({{"raised_urgency", "is not below the referrer's urgency"}});
    }
    if (*raised > urgency && why.empty()) {
      return errors::FieldInvalid({{"urgency_reason", "is given when the urgency is raised"}});
    }
    if (*raised > urgency) next.urgency_reason = std::move(why);
    next.urgency = *raised;
  }
  if (!first_response_at) next.first_response_at = at;
  next.responsible_organization = receiving_organization;
  next.responsible_department = receiving_department;
  change.PauseClock(at);
  if (BooksOnAcceptance()) {
    change.start_booking = wish;
    change.BeginBooking();
  }
  return change;
}

absl::StatusOr<Change> Referral::Reject(const Actor& by, ReasonCode code, std::string comment,
                                        absl::Time at) const {
  const bool back = redirected();
  ASSIGN_OR_RETURN(
      Change change,
      Apply(Command::kReject, by, back ? "ReferralRedirectDeclined" : "ReferralRejected", at));
  Referral& next = change.after;
  next.reason = code;
  next.reason_comment = std::move(comment);
  if (back) {
    change.response = response();
    if (!change.response->responded_at) change.response->responded_at = at;
    // The first receiver has responded by its redirect.
    next.received_at = at;
    next.response_due_at.reset();
    next.first_response_at.reset();
    // The first receiver never stopped being responsible; nor did the clock stop.
    next.receiving_organization = responsible_organization;
    next.receiving_department = responsible_department;
    return change;
  }
  if (!first_response_at) next.first_response_at = at;
  change.StopClock();
  return change;
}

std::optional<ReceiverResponse> Referral::response() const {
  if (!submitted_at) return std::nullopt;
  return ReceiverResponse{.organization = receiving_organization,
                          .department = receiving_department,
                          .received_at = received_at.value_or(*submitted_at),
                          .due_at = response_due_at,
                          .responded_at = first_response_at};
}

absl::Status Referral::CheckFits(const Requirements& requirements) const {
  errors::Violations refused = NotTaken(requirements, *this);
  for (auto& [field, rule] : refused) {
    rule = fmt::format(
        "names a department that takes the referral's {}; its catalogue entry lists what it takes",
        field);
    field = "receiving_department_id";
  }
  if (!refused.empty()) return errors::FieldInvalid(refused);
  const errors::Violations missing = MissingItems(requirements, *this);
  return missing.empty() ? absl::OkStatus() : errors::Incomplete(missing);
}

absl::StatusOr<Change> Referral::Redirect(const Actor& by, OrganizationId organization,
                                          DepartmentId department, ReasonCode code,
                                          std::string comment, const Deadlines& deadlines,
                                          absl::Time at, const Requirements& requirements) const {
  ASSIGN_OR_RETURN(Change change, Apply(Command::kRedirect, by, "ReferralRedirected", at));
  if (organization == referring_organization) {
    return errors::FieldInvalid(
        {{"receiving_organization_id", "is not the referrer's own: return or reject it instead"}});
  }
  if (organization == receiving_organization && department == receiving_department) {
    return errors::FieldInvalid(
        {{"receiving_organization_id, receiving_department_id", "is another receiver"}});
  }
  const bool taken_back = redirected() && organization == responsible_organization &&
                          department == responsible_department;
  if (!taken_back) RETURN_IF_ERROR(CheckFits(requirements));
  Referral& next = change.after;
  change.redirection = Redirection{.from_organization = receiving_organization,
                                   .from_department = receiving_department,
                                   .to_organization = organization,
                                   .to_department = department,
                                   .reason = code,
                                   .comment = std::move(comment),
                                   .by = by.practitioner,
                                   .at = at};
  change.response = response();
  ReceiverResponse& given = *change.response;
  if (!given.responded_at && SideOf(by.organization) == Side::kReceiving) {
    given.responded_at = at;  // handing it on is an answer
  } else if (!given.responded_at && given.due_at && at <= *given.due_at) {
    given.due_at.reset();  // the first receiver took it away before it was late
  }
  // Who gets it has its own time to respond, whatever the one before used up; the clock that
  // escalates goes on. A first receiver who takes it back has responded by its redirect.
  next.received_at = at;
  next.first_response_at.reset();
  next.response_due_at.reset();
  if (!taken_back) {
    next.response_due_at = deadlines.FirstResponse(direction, channel, urgency, at);
  }
  next.booking_failure = BookingFailure::kNone;
  ++next.redirect_count;
  if (next.responsible_organization.is_nil()) {
    next.responsible_organization = receiving_organization;
    next.responsible_department = receiving_department;
  }
  next.receiving_organization = organization;
  next.receiving_department = department;
  if (organization == next.responsible_organization) next.responsible_department = department;
  if (state == State::kAccepted) {
    next.booking_saga = base::Uuid();
    // The time to rebook after a no-show was the referrer's.
    if (no_show_at) {
      change.StopClock();
      next.no_show_at.reset();
    }
    change.ResumeClock(at);
    if (!next.due_at) {
      change.StartClock(at, deadlines.FirstResponse(direction, channel, urgency, at));
    }
  }
  return change;
}

}  // namespace yilian::referral
