// A study of a reading centre and its readers, for tests without a database.
#pragma once

#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation {

using status::IsOk;
using status::StatusIs;

inline const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 1), absl::UTCTimeZone());
inline const Clocks kClocks;
inline constexpr absl::Duration kLease = absl::Minutes(10);
inline constexpr absl::Duration kReceipt = absl::Minutes(3);

inline const OrganizationId kTownship(base::Uuid::V5(base::Uuid(), "township"));
inline const OrganizationId kHospital(base::Uuid::V5(base::Uuid(), "hospital"));
inline const CentreId kCentre(base::Uuid::V5(base::Uuid(), "centre"));

inline PractitionerId Person(int n) {
  return PractitionerId(base::Uuid::V5(base::Uuid(), "person " + std::to_string(n)));
}

inline ReadingCentre Centre(bool first_reader_signs = false) {
  return *DefineReadingCentre({.id = kCentre, .organization = kHospital},
                              {.kinds = {Kind::kEcgReading, Kind::kImagingReading},
                               .zone_name = "Asia/Shanghai",
                               .first_reader_signs = first_reader_signs});
}

inline Actor Reader(int n, bool may_sign = true) {
  return {
      .organization = kHospital,
      .practitioner = Person(n),
      .membership = ReadingMember{.centre = kCentre,
                                  .practitioner = Person(n),
                                  .rights = {.kinds = {Kind::kEcgReading}, .may_sign = may_sign},
                                  .duty = Duty::kOn,
                                  .duty_since = kNow,
                                  .duty_until = kNow + absl::Hours(8)}};
}

inline Consultation Study(Urgency urgency = Urgency::kRoutine, Kind kind = Kind::kEcgReading,
                          const ReadingCentre& centre = Centre()) {
  const NewConsultation input{.id = ConsultationId(base::Uuid::V7()),
                              .patient = PatientId(base::Uuid::V7()),
                              .kind = kind,
                              .urgency = urgency,
                              .consulted_organization = kHospital,
                              .specialty = "CARDIOLOGY",
                              .question = "？",
                              .patient_consented = true};
  return RequestConsultation(input, {.organization = kTownship}, kClocks, centre, kNow)->after;
}

}  // namespace yilian::consultation
