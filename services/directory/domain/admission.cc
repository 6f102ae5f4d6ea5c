#include "services/directory/domain/admission.h"

#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

using Kind = StayNews::Kind;

// True when what was recorded `then` still counts after news of the same matter, recorded `news`.
bool StillCounts(const std::optional<absl::Time>& then, bool was_cancelling, absl::Time news,
                 bool cancels) {
  if (!then || *then < news) return false;
  return *then > news || was_cancelling || !cancels;
}

absl::Status DischargedTooEarly() {
  return errors::FieldInvalid({{"discharged_at", "is not before the admission"}});
}

absl::StatusOr<Admission> Admitted(Admission stay, const StayNews& news) {
  const bool known = stay.admission_recorded_at.has_value();
  stay.admission_recorded_at = news.recorded_at;
  if (known && !stay.cancelled_at) return stay;
  stay.cancelled_at.reset();
  stay.admitted_at = *news.admitted_at;
  if (!news.patient.is_nil()) stay.patient = news.patient;
  if (stay.discharged_at && *stay.discharged_at < stay.admitted_at) {
    return errors::FieldInvalid({{"admitted_at", "is not after the discharge"}});
  }
  ++stay.version;
  return stay;
}

absl::StatusOr<Admission> Discharged(Admission stay, const StayNews& news) {
  stay.discharge_recorded_at = news.recorded_at;
  if (stay.discharged_at == news.discharged_at) return stay;
  if (news.discharged_at < stay.admitted_at) {
    // The time of an admission of which nobody told, or that was none, is a stand-in.
    if (stay.admission_recorded_at && !stay.cancelled_at) return DischargedTooEarly();
    stay.admitted_at = news.discharged_at;
  }
  stay.discharged_at = news.discharged_at;
  ++stay.version;
  return stay;
}

}  // namespace

absl::Status CheckStay(const StayNews& news, const Actor& actor, absl::Time now) {
  if (!actor.is_service && news.visit.organization != actor.organization) {
    return errors::ForeignOrganization();
  }
  const absl::Time latest = now + kClockDifference;
  Violations late;
  const auto check = [&](std::string_view field, absl::Time time) {
    if (time > latest) late.push_back({std::string(field), "is not in the future"});
  };
  if (news.admitted_at) check("admitted_at", *news.admitted_at);
  if (news.kind == Kind::kDischarged) check("discharged_at", news.discharged_at);
  check("recorded_at", news.recorded_at);
  return late.empty() ? absl::OkStatus() : errors::FieldInvalid(late);
}

absl::StatusOr<Admission> FirstHeard(const StayNews& news, absl::Time now) {
  Admission stay{.id = AdmissionId::New(now),
                 .patient = news.patient,
                 .organization = news.visit.organization,
                 .admitted_at = news.admitted_at.value_or(news.recorded_at)};
  switch (news.kind) {
    case Kind::kAdmissionCancelled:
      stay.cancelled_at = news.recorded_at;
      [[fallthrough]];
    case Kind::kAdmitted:
      stay.admission_recorded_at = news.recorded_at;
      return stay;
    case Kind::kDischarged:
      stay.admitted_at = news.admitted_at.value_or(news.discharged_at);
      if (news.discharged_at < stay.admitted_at) return DischargedTooEarly();
      stay.discharged_at = news.discharged_at;
      [[fallthrough]];
    case Kind::kDischargeCancelled:
      stay.discharge_recorded_at = news.recorded_at;
      return stay;
  }
  return stay;
}

absl::StatusOr<Admission> Told(const Admission& stay, const StayNews& news) {
  const bool of_admission = news.kind == Kind::kAdmitted || news.kind == Kind::kAdmissionCancelled;
  const bool cancels =
      news.kind == Kind::kAdmissionCancelled || news.kind == Kind::kDischargeCancelled;
  const bool still_counts =
      of_admission ? StillCounts(stay.admission_recorded_at, stay.cancelled_at.has_value(),
                                 news.recorded_at, cancels)
                   : StillCounts(stay.discharge_recorded_at, !stay.discharged_at.has_value(),
                                 news.recorded_at, cancels);
  if (still_counts) return stay;
  Admission after = stay;
  switch (news.kind) {
    case Kind::kAdmitted:
      return Admitted(stay, news);
    case Kind::kDischarged:
      return Discharged(stay, news);
    case Kind::kAdmissionCancelled:
      after.admission_recorded_at = news.recorded_at;
      if (after.cancelled_at) return after;
      after.cancelled_at = news.recorded_at;
      break;
    case Kind::kDischargeCancelled:
      after.discharge_recorded_at = news.recorded_at;
      if (!after.discharged_at) return after;
      after.discharged_at.reset();
      break;
  }
  ++after.version;
  return after;
}

CareStage StageOf(const Admission& stay) {
  if (stay.cancelled_at) return CareStage::kVoid;
  return stay.discharged_at ? CareStage::kClosed : CareStage::kOpen;
}

}  // namespace yilian::directory
