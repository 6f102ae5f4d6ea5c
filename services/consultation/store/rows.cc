#include "services/consultation/store/rows.h"

#include <fmt/format.h>

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/mysql/or_null.h"

namespace yilian::consultation::rows {
namespace {

using mysql::OrNull;

std::string JoinEvidence(const std::vector<Evidence>& evidence) {
  std::string text;
  for (const Evidence& one : evidence) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}", static_cast<int>(one.kind), one.id);
  }
  return text;
}

// Ids hold neither blanks nor colons (the proto's pattern).
std::vector<Evidence> SplitEvidence(const std::string& text) {
  std::vector<Evidence> evidence;
  for (const auto& part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits(':', 1));
    int kind = 0;
    if (absl::SimpleAtoi(pair.first, &kind))
      evidence.push_back({static_cast<EvidenceKind>(kind), pair.second});
  }
  return evidence;
}

void AppendDraft(const std::optional<OpinionContent>& draft, mysql::Values& values) {
  if (!draft) {
    for (int i = 0; i < 4; ++i) values.emplace_back(nullptr);
    return;
  }
  values.emplace_back(draft->findings);
  values.emplace_back(draft->impression);
  values.emplace_back(draft->advice);
  values.emplace_back(draft->refer_up);
}

void AppendSecondReading(const Consultation& c, mysql::Values& values) {
  const SecondReading reading = c.second_reading.value_or(SecondReading());
  values.emplace_back(c.second_reading_required);
  values.emplace_back(c.first_reader_signs);
  values.push_back(OrNull(reading.first));
  values.push_back(OrNull(reading.second));
  values.emplace_back(static_cast<int>(reading.verdict));
  values.emplace_back(static_cast<int>(reading.discrepancy));
  values.emplace_back(reading.comment);
}

void ReadSecondReading(const mysql::Row& row, int at, Consultation& c) {
  c.second_reading_required = row.Bool(at++);
  c.first_reader_signs = row.Bool(at++);
  if (row.IsNull(at)) return;
  c.second_reading = SecondReading{.first = row.Id<PractitionerId>(at),
                                   .second = row.Id<PractitionerId>(at + 1),
                                   .verdict = static_cast<Verdict>(row.Int(at + 2)),
                                   .discrepancy = static_cast<DiscrepancyCode>(row.Int(at + 3)),
                                   .comment = row.Text(at + 4)};
}

// The tail that insert and update share, from the draft on.
void AppendProgress(const Consultation& c, mysql::Values& values) {
  AppendDraft(c.draft, values);
  values.emplace_back(c.opinion ? c.opinion->version : 0);
  values.emplace_back(static_cast<int>(c.reason));
  values.emplace_back(c.reason_comment);
  values.emplace_back(c.tier > 0);  // `escalated`: what the previous release looks at
  values.emplace_back(c.updated_at);
  values.emplace_back(c.version);
  values.push_back(OrNull(c.centre));
  values.push_back(OrNull(c.draft_by));
  values.emplace_back(absl::ToInt64Seconds(c.clock_time));
  values.emplace_back(c.tier);
  values.emplace_back(c.receipt_due_at);
  values.emplace_back(c.received_at);
  values.emplace_back(c.receipt_overdue);
  values.emplace_back(c.parked_at);
  AppendSecondReading(c, values);
  values.emplace_back(!IsTerminal(c.state));
  values.emplace_back(c.worklist_time());
  values.emplace_back(c.worklist_rank());
}

}  // namespace

absl::StatusOr<Consultation> FromRow(const mysql::Row& row) {
  Consultation c;
  int at = 0;
  c.id = row.Id<ConsultationId>(at++);
  c.patient = row.Id<PatientId>(at++);
  c.kind = static_cast<Kind>(row.Int(at++));
  c.urgency = static_cast<Urgency>(row.Int(at++));
  const std::optional<State> state = StateFromName(row.Text(at++));
  if (!state)
    return absl::InternalError("a consultation row has a state that this binary does not know");
  c.state = *state;
  c.requesting_organization = row.Id<OrganizationId>(at++);
  c.requesting_practitioner = row.Id<PractitionerId>(at++);
  c.consulted_organization = row.Id<OrganizationId>(at++);
  c.specialty = row.Text(at++);
  c.expert = row.Id<PractitionerId>(at++);
  c.question = row.Text(at++);
  c.evidence = SplitEvidence(row.Text(at++));
  c.referral = row.Id<ReferralId>(at++);
  c.requested_at = row.Time(at++);
  c.due_at = row.OptionalTime(at++);
  c.lease_until = row.OptionalTime(at++);
  c.lease_epoch = row.Int(at++);
  if (!row.IsNull(at + 1)) {
    c.draft = OpinionContent{.findings = row.Text(at),
                             .impression = row.Text(at + 1),
                             .advice = row.Text(at + 2),
                             .refer_up = row.Bool(at + 3)};
  }
  at += 4;
  if (const int version = static_cast<int>(row.Int(at++)); version > 0) {
    c.opinion = SignedOpinion{.version = version};
  }
  c.reason = static_cast<ReasonCode>(row.Int(at++));
  c.reason_comment = row.Text(at++);
  const bool escalated = row.Bool(at++);
  c.updated_at = row.Time(at++);
  c.version = row.Int(at++);
  c.centre = row.Id<CentreId>(at++);
  c.draft_by = row.Id<PractitionerId>(at++);
  if (c.draft && c.draft_by.is_nil()) c.draft_by = c.expert;
  if (const auto seconds = row.OptionalInt(at++)) {
    c.clock_time = absl::Seconds(*seconds);
  } else if (c.due_at) {
    c.clock_time = *c.due_at - c.requested_at;
  }
  c.tier = static_cast<int>(row.Int(at++));
  if (escalated && c.tier == 0) c.tier = 1;
  c.receipt_due_at = row.OptionalTime(at++);
  c.received_at = row.OptionalTime(at++);
  c.receipt_overdue = row.Bool(at++);
  c.parked_at = row.OptionalTime(at++);
  ReadSecondReading(row, at, c);
  return c;
}

Reading ReadingFromRow(const mysql::Row& row) {
  return {.practitioner = row.Id<PractitionerId>(1),
          .read_at = row.Time(2),
          .content = {.findings = row.Text(3),
                      .impression = row.Text(4),
                      .advice = row.Text(5),
                      .refer_up = row.Bool(6)}};
}

absl::StatusOr<SignedOpinion> OpinionFromRow(const mysql::Row& row, int version) {
  return SignedOpinion{.version = version,
                       .practitioner = row.Id<PractitionerId>(0),
                       .signed_at = row.Time(1),
                       .signed_bytes = row.Bytes(2),
                       .signature = row.Bytes(3),
                       .key_id = row.Id(4).ToString(),
                       .public_key = row.Text(5)};
}

mysql::Values InsertValues(const Consultation& c) {
  mysql::Values values;
  values.emplace_back(c.id);
  values.emplace_back(c.patient);
  values.emplace_back(static_cast<int>(c.kind));
  values.emplace_back(static_cast<int>(c.urgency));
  values.emplace_back(Name(c.state));
  values.emplace_back(c.requesting_organization);
  values.push_back(OrNull(c.requesting_practitioner));
  values.emplace_back(c.consulted_organization);
  values.emplace_back(c.specialty);
  values.push_back(OrNull(c.expert));
  values.emplace_back(c.question);
  values.emplace_back(JoinEvidence(c.evidence));
  values.push_back(OrNull(c.referral));
  values.emplace_back(c.requested_at);
  values.emplace_back(c.due_at);
  values.emplace_back(c.lease_until);
  values.emplace_back(c.lease_epoch);
  AppendProgress(c, values);
  return values;
}

mysql::Values UpdateValues(const Consultation& c, int64_t from_version) {
  mysql::Values values;
  values.emplace_back(Name(c.state));
  values.push_back(OrNull(c.expert));
  values.emplace_back(c.due_at);
  values.emplace_back(c.lease_until);
  values.emplace_back(c.lease_epoch);
  AppendProgress(c, values);
  values.emplace_back(c.id);
  values.emplace_back(from_version);
  return values;
}

}  // namespace yilian::consultation::rows
