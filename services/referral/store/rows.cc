#include "services/referral/store/rows.h"

#include <fmt/format.h>

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/mysql/or_null.h"

namespace yilian::referral::rows {
namespace {

using mysql::OrNull;

std::string JoinCitations(const std::vector<Citation>& citations) {
  std::string text;
  for (const Citation& citation : citations) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}", static_cast<int>(citation.kind), citation.id);
  }
  return text;
}

// Ids hold neither blanks nor colons (the proto's pattern).
std::vector<Citation> SplitCitations(const std::string& text) {
  std::vector<Citation> citations;
  for (const auto& part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits(':', 1));
    int kind = 0;
    if (absl::SimpleAtoi(pair.first, &kind)) {
      citations.push_back({static_cast<CitationKind>(kind), pair.second});
    }
  }
  return citations;
}

template <typename Enum>
mysql::Value Number(Enum value) {
  return static_cast<int>(value);
}

std::optional<int> OptionalScore(const mysql::Row& row, int column) {
  const std::optional<int64_t> score = row.OptionalInt(column);
  return score ? std::optional<int>(static_cast<int>(*score)) : std::nullopt;
}

void AppendSummary(const ClinicalSummary& summary, mysql::Values& values) {
  for (const std::string* text :
       {&summary.complaint, &summary.history, &summary.diagnosis_system, &summary.diagnosis_code,
        &summary.diagnosis_display, &summary.treatment, &summary.question}) {
    values.emplace_back(*text);
  }
}

void AppendBooking(const std::optional<BookingReference>& booking, mysql::Values& values) {
  if (!booking) {
    for (int i = 0; i < 5; ++i) values.emplace_back(nullptr);
    return;
  }
  values.emplace_back(booking->booking);
  values.emplace_back(booking->session);
  values.push_back(OrNull(booking->practitioner));
  values.emplace_back(booking->starts_at);
  values.emplace_back(booking->seat_number);
}

// From patient_consented to version, with the outcome's texts before it: the tail that insert and
// update share.
void AppendProgress(const Referral& r, mysql::Values& values) {
  values.emplace_back(r.submitted_at);
  values.emplace_back(r.first_response_at);
  values.emplace_back(r.response_due_at);
  values.emplace_back(r.arrived_at);
  values.emplace_back(r.completed_at);
  values.emplace_back(r.completed_in_time);
  values.emplace_back(r.clock_started_at);
  values.emplace_back(r.due_at);
  values.emplace_back(r.escalation_tier);
  values.emplace_back(r.referrer_score);
  values.emplace_back(r.receiver_score);
  values.emplace_back(r.updated_at);
  values.emplace_back(r.version);
}

mysql::Value Micros(const std::optional<PausedClock>& clock, absl::Duration PausedClock::*part) {
  return clock ? mysql::Value(absl::ToInt64Microseconds(*clock.*part)) : mysql::Value(nullptr);
}

// The columns after the version, and those that are never read back.
void AppendRest(const Referral& r, mysql::Values& values) {
  values.push_back(OrNull(r.responsible_organization));
  values.push_back(OrNull(r.responsible_department));
  values.push_back(OrNull(r.booking_saga));
  values.emplace_back(r.urgency_reason);
  values.push_back(Number(r.cancellation ? r.cancellation->reason : ReasonCode::kNone));
  values.push_back(r.cancellation ? mysql::Value(r.cancellation->comment) : mysql::Value(nullptr));
  values.push_back(r.cancellation ? mysql::Value(r.cancellation->asked_at) : mysql::Value(nullptr));
  values.emplace_back(r.readmission);
  values.push_back(OrNull(r.replaces));
  values.emplace_back(r.source ? static_cast<int>(r.source->kind) : 0);
  values.push_back(r.source ? mysql::Value(r.source->id) : mysql::Value(nullptr));
  values.push_back(Micros(r.paused_clock, &PausedClock::ran));
  values.push_back(Micros(r.paused_clock, &PausedClock::left));
  values.push_back(OrNull(r.region));
  values.emplace_back(r.redirect_count);
  values.emplace_back(r.consent_withdrawn);
  values.push_back(OrNull(r.key_withheld ? base::Uuid() : r.open_key()));
  values.emplace_back(r.received_at);
  values.push_back(Number(r.booking_failure));
  values.emplace_back(r.no_show_at);
  values.emplace_back(r.letter_missed_since);
  values.emplace_back(r.citations_unchecked);
  values.emplace_back(!IsTerminal(r.state));
  values.emplace_back(r.worklist_time());
  values.push_back(OrNull(r.source_key()));
}

void ReadRest(const mysql::Row& row, int at, Referral& r) {
  r.responsible_organization = row.Id<OrganizationId>(at++);
  r.responsible_department = row.Id<DepartmentId>(at++);
  if (!row.IsNull(at)) r.booking_saga = row.Id(at);
  ++at;
  r.urgency_reason = row.OptionalText(at++).value_or("");
  if (!row.IsNull(at + 2)) {
    r.cancellation = CancellationRequest{.reason = static_cast<ReasonCode>(row.Int(at)),
                                         .comment = row.OptionalText(at + 1).value_or(""),
                                         .asked_at = row.Time(at + 2)};
  }
  at += 3;
  r.readmission = row.Bool(at++);
  r.replaces = row.Id<ReferralId>(at++);
  if (row.Int(at) != 0) {
    r.source = Source{.kind = static_cast<SourceKind>(row.Int(at)),
                      .id = row.OptionalText(at + 1).value_or("")};
  }
  at += 2;
  if (!row.IsNull(at)) {
    r.paused_clock = PausedClock{.ran = absl::Microseconds(row.Int(at)),
                                 .left = absl::Microseconds(row.Int(at + 1))};
  }
  at += 2;
  r.region = row.Id<OrganizationId>(at++);
  r.redirect_count = static_cast<int>(row.Int(at++));
  r.consent_withdrawn = row.Bool(at++);
  r.key_withheld = row.IsNull(at) && !r.open_key().is_nil();
  ++at;
  r.received_at = row.OptionalTime(at++);
  r.booking_failure = static_cast<BookingFailure>(row.Int(at++));
  r.no_show_at = row.OptionalTime(at++);
  r.letter_missed_since = row.OptionalTime(at++);
  r.citations_unchecked = row.Bool(at);
}

}  // namespace

absl::StatusOr<Referral> FromRow(const mysql::Row& row) {
  Referral r;
  int at = 0;
  r.id = row.Id<ReferralId>(at++);
  r.patient = row.Id<PatientId>(at++);
  r.direction = static_cast<Direction>(row.Int(at++));
  r.channel = static_cast<Channel>(row.Int(at++));
  r.setting = static_cast<Setting>(row.Int(at++));
  r.urgency = static_cast<Urgency>(row.Int(at++));
  const std::optional<State> state = StateFromName(row.Text(at++));
  if (!state)
    return absl::InternalError("a referral row has a state that this binary does not know");
  r.state = *state;
  r.referring_organization = row.Id<OrganizationId>(at++);
  r.referring_practitioner = row.Id<PractitionerId>(at++);
  r.receiving_organization = row.Id<OrganizationId>(at++);
  r.receiving_department = row.Id<DepartmentId>(at++);
  for (std::string* text : {&r.summary.complaint, &r.summary.history, &r.summary.diagnosis_system,
                            &r.summary.diagnosis_code, &r.summary.diagnosis_display,
                            &r.summary.treatment, &r.summary.question}) {
    *text = row.Text(at++);
  }
  r.citations = SplitCitations(row.Text(at++));
  if (const std::optional<std::string> discharge = row.OptionalText(at++)) {
    r.care_plan = CarePlan{.discharge_summary = *discharge, .medication = row.Text(at)};
  }
  ++at;
  if (!row.IsNull(at)) {
    r.booking = BookingReference{.booking = row.Id<BookingId>(at),
                                 .session = row.Id<SessionId>(at + 1),
                                 .practitioner = row.Id<PractitionerId>(at + 2),
                                 .starts_at = row.Time(at + 3),
                                 .seat_number = static_cast<int>(row.Int(at + 4))};
  }
  at += 5;
  r.reason = static_cast<ReasonCode>(row.Int(at++));
  r.reason_comment = row.Text(at++);
  r.outcome_letter = row.Text(at++);
  r.follows = row.Id<ReferralId>(at++);
  r.patient_consented = row.Bool(at++);
  r.submitted_at = row.OptionalTime(at++);
  r.first_response_at = row.OptionalTime(at++);
  r.response_due_at = row.OptionalTime(at++);
  r.arrived_at = row.OptionalTime(at++);
  r.completed_at = row.OptionalTime(at++);
  r.completed_in_time = row.Bool(at++);
  r.clock_started_at = row.OptionalTime(at++);
  r.due_at = row.OptionalTime(at++);
  r.escalation_tier = static_cast<int>(row.Int(at++));
  r.referrer_score = OptionalScore(row, at++);
  r.receiver_score = OptionalScore(row, at++);
  r.updated_at = row.Time(at++);
  r.version = row.Int(at++);
  ReadRest(row, at, r);
  return r;
}

absl::StatusOr<FollowUpTask> TaskFromRow(const mysql::Row& row) {
  FollowUpTask task;
  task.id = row.Id<TaskId>(0);
  task.instruction = row.Text(1);
  if (!absl::ParseCivilTime(row.Text(2), &task.due_date)) {
    return absl::InternalError("a follow-up task row has no date");
  }
  task.state = static_cast<TaskState>(row.Int(3));
  task.result = row.Text(4);
  task.escalation_tier = static_cast<int>(row.Int(5));
  task.reschedule_count = static_cast<int>(row.Int(6));
  task.reschedule_reason = row.OptionalText(7).value_or("");
  return task;
}

absl::StatusOr<Redirection> RedirectionFromRow(const mysql::Row& row) {
  return Redirection{.from_organization = row.Id<OrganizationId>(0),
                     .from_department = row.Id<DepartmentId>(1),
                     .to_organization = row.Id<OrganizationId>(2),
                     .to_department = row.Id<DepartmentId>(3),
                     .reason = static_cast<ReasonCode>(row.Int(4)),
                     .comment = row.Text(5),
                     .by = row.Id<PractitionerId>(6),
                     .at = row.Time(7)};
}

mysql::Values InsertValues(const Referral& r) {
  mysql::Values values;
  values.reserve(kColumns + 4);
  values.emplace_back(r.id);
  values.emplace_back(r.patient);
  values.push_back(Number(r.direction));
  values.push_back(Number(r.channel));
  values.push_back(Number(r.setting));
  values.push_back(Number(r.urgency));
  values.emplace_back(Name(r.state));
  values.emplace_back(r.referring_organization);
  values.push_back(OrNull(r.referring_practitioner));
  values.emplace_back(r.receiving_organization);
  values.push_back(OrNull(r.receiving_department));
  AppendSummary(r.summary, values);
  values.emplace_back(JoinCitations(r.citations));
  values.push_back(r.care_plan ? mysql::Value(r.care_plan->discharge_summary)
                               : mysql::Value(nullptr));
  values.push_back(r.care_plan ? mysql::Value(r.care_plan->medication) : mysql::Value(nullptr));
  AppendBooking(r.booking, values);
  values.push_back(Number(r.reason));
  values.emplace_back(r.reason_comment);
  values.emplace_back(r.outcome_letter);
  values.push_back(OrNull(r.follows));
  values.emplace_back(r.patient_consented);
  AppendProgress(r, values);
  AppendRest(r, values);
  return values;
}

mysql::Values UpdateValues(const Referral& r, int64_t from_version) {
  mysql::Values values;
  values.emplace_back(r.receiving_organization);
  values.push_back(OrNull(r.receiving_department));
  values.push_back(r.care_plan ? mysql::Value(r.care_plan->discharge_summary)
                               : mysql::Value(nullptr));
  values.push_back(r.care_plan ? mysql::Value(r.care_plan->medication) : mysql::Value(nullptr));
  values.push_back(Number(r.urgency));
  values.emplace_back(Name(r.state));
  AppendSummary(r.summary, values);
  values.emplace_back(JoinCitations(r.citations));
  AppendBooking(r.booking, values);
  values.push_back(Number(r.reason));
  values.emplace_back(r.reason_comment);
  values.emplace_back(r.outcome_letter);
  values.emplace_back(r.patient_consented);
  AppendProgress(r, values);
  AppendRest(r, values);
  values.emplace_back(r.id);
  values.emplace_back(from_version);
  return values;
}

}  // namespace yilian::referral::rows
