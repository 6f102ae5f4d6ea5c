// Second readings: another reader looks at a reading before it is signed.
#include <utility>

#include "common/base/status_macros.h"
#include "services/consultation/domain/centre_errors.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation {
namespace {

errors::Violations ViolationsOf(Verdict verdict, DiscrepancyCode discrepancy,
                                const std::string& comment) {
  errors::Violations violations;
  const bool agree = verdict == Verdict::kAgreement;
  if (agree && discrepancy != DiscrepancyCode::kNone) {
    violations.emplace_back("discrepancy", "is unset with VERDICT_AGREEMENT");
  }
  if (!agree && discrepancy == DiscrepancyCode::kNone) {
    violations.emplace_back("discrepancy", "is required with a discrepancy");
  }
  if (discrepancy == DiscrepancyCode::kOther && comment.empty()) {
    violations.emplace_back("comment", "is required with DISCREPANCY_CODE_OTHER");
  }
  return violations;
}

}  // namespace

PractitionerId Consultation::Signer() const {
  return first_reader_signs ? second_reading->first : second_reading->second;
}

PractitionerId Consultation::AuthorOf(const OpinionContent& content, PractitionerId signer) const {
  if (second_reading) {
    for (const auto& reading : {second_reading->first_reading, second_reading->second_reading}) {
      if (reading && reading->content == content) return reading->practitioner;
    }
  }
  return draft && *draft == content ? draft_by : signer;
}

absl::Status Consultation::CheckTakesUp(PractitionerId reader) const {
  if (!second_reading) return absl::OkStatus();
  if (second_reading->verdict == Verdict::kNone) {
    return reader == second_reading->first ? errors::SecondReaderDiffers() : absl::OkStatus();
  }
  if (tier > 0 || reader == Signer()) return absl::OkStatus();
  return errors::OtherReaderSigns(Signer());
}

absl::Status Consultation::CheckSecondReading(const Actor& by) const {
  if (centre.is_nil()) return absl::OkStatus();
  if (!second_reading) {
    const bool always = by.membership && by.membership->rights.always_second_reading;
    if (!always && !second_reading_required) return absl::OkStatus();
    return errors::SecondReadingRequired(PractitionerId());
  }
  if (second_reading->verdict == Verdict::kNone) {
    return errors::SecondReadingRequired(second_reading->first);
  }
  return CheckTakesUp(by.practitioner);
}

absl::StatusOr<Change> Consultation::SubmitFirstReading(const Actor& by, int64_t epoch,
                                                        OpinionContent content,
                                                        absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kSubmitFirstReading, by));
  RETURN_IF_ERROR(CheckClaim(by, epoch, at));
  if (centre.is_nil() || second_reading) return errors::NoSecondReading();
  Change change = Unclaimed(at);
  change.event = "FirstReadingSubmitted";
  change.after.draft = content;
  change.after.draft_by = by.practitioner;
  change.after.second_reading = SecondReading{
      .first = by.practitioner,
      .first_reading =
          Reading{.practitioner = by.practitioner, .read_at = at, .content = std::move(content)}};
  return change;
}

absl::StatusOr<Change> Consultation::RecordSecondReading(const Actor& by, int64_t epoch,
                                                         Verdict verdict,
                                                         DiscrepancyCode discrepancy,
                                                         std::string comment, absl::Time at) const {
  RETURN_IF_ERROR(Check(Command::kRecordSecondReading, by));
  RETURN_IF_ERROR(CheckClaim(by, epoch, at));
  if (!second_reading || second_reading->verdict != Verdict::kNone) {
    return errors::NoSecondReading();
  }
  RETURN_IF_ERROR(CheckTakesUp(by.practitioner));
  const errors::Violations violations = ViolationsOf(verdict, discrepancy, comment);
  if (!violations.empty()) return errors::FieldInvalid(violations);
  Change change = first_reader_signs ? Unclaimed(at) : Next("", at);
  change.event = "SecondReadingRecorded";
  SecondReading& reading = *change.after.second_reading;
  reading.second = by.practitioner;
  reading.verdict = verdict;
  reading.discrepancy = discrepancy;
  reading.comment = std::move(comment);
  if (draft && draft_by == by.practitioner) {
    reading.second_reading =
        Reading{.practitioner = by.practitioner, .read_at = at, .content = *draft};
  }
  return change;
}

}  // namespace yilian::consultation
