// Reference intervals as data, and what a value is by them. Pure; exact decimals only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "services/lab/domain/report.h"
#include "services/lab/domain/types.h"

namespace yilian::lab {

using ReferenceIntervalId = base::Id<struct ReferenceIntervalTag>;

// Ages in days; a year is 365.25 of them. Nobody is older.
inline constexpr int kOldestDays = 150 * 366;

// Within which values are as expected, for whom. An empty bound is none.
struct ReferenceInterval {
  OrganizationId organization;  // the performing laboratory; nil: the region
  std::string loinc;
  PatientSex sex = PatientSex::kUnknown;  // kUnknown: both
  int age_from_days = 0;
  int age_to_days = kOldestDays;  // the first that it is not for
  std::string method;             // as laboratories send it; empty: every method
  absl::CivilDay effective_from;
  std::optional<absl::CivilDay> effective_to;  // the first day that it is not in force
  std::string unit;                            // UCUM
  std::string low;
  std::string high;
  std::string critically_low;   // below it: LL
  std::string critically_high;  // above it: HH

  // The same for the same laboratory, analyte, people, method and first day: two of them are one.
  ReferenceIntervalId id() const;
  // "3.5-5.5 mmol/L", "< 5.5 mmol/L".
  std::string Text() const;
};

// FIELD_INVALID names every rule that is broken.
absl::Status CheckInterval(const ReferenceInterval& interval);

// Whom and what a report is about, as far as intervals ask.
struct IntervalSubject {
  OrganizationId laboratory;
  std::optional<int> age_days;
  PatientSex sex = PatientSex::kUnknown;
  absl::CivilDay day;
};

// The interval that fits best: the laboratory's own before the region's, of the method before of
// every method, of the sex before of both, of the fewest years, the latest. What is not known of
// the patient fits only an interval that does not ask for it. Units that UCUM does not convert do
// not meet.
const ReferenceInterval* FindInterval(const std::vector<ReferenceInterval>& intervals,
                                      const Observation& observation,
                                      const IntervalSubject& subject);

// By an interval: kNone where it leaves a doubt (`<5` may be normal or low).
Interpretation Interpret(const Observation& observation, const ReferenceInterval& interval);
// Whether the sender's flags say something else than ours: another direction, or not how far.
bool Disagrees(const std::vector<std::string>& flags, Interpretation ours);

// Sets `judged` of each observation but its delta.
void Interpret(const std::vector<ReferenceInterval>& intervals, const IntervalSubject& subject,
               std::vector<Observation>& observations);

}  // namespace yilian::lab
