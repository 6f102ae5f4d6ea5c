// Whether a patient comes under a rule on age or sex, for those who are to know neither. Pure.
#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "services/directory/domain/types.h"

namespace yilian::directory {

// Numbers are those of the proto's enums, so that rpc/ casts them.
enum class AgeUnit { kDays = 1, kYears };
enum class PatientFit { kFits = 1, kDoesNotFit, kNotKnown };

struct AgeBound {
  int value = 0;
  AgeUnit unit = AgeUnit::kYears;
};

// A rule and the date on which it has to hold. All that is set must; both ages are allowed ones.
struct FitQuestion {
  std::optional<AgeBound> least;
  std::optional<AgeBound> greatest;
  std::optional<Sex> sex;  // kMale or kFemale
  absl::CivilDay date;
};

// What such rules are about.
struct PatientTraits {
  Sex sex = Sex::kUnknown;
  std::optional<absl::CivilDay> birth_date;
};

// Completed years, or days, at `date`; below zero before the birth. Who was born on 29 February
// completes a year on 1 March of a common year.
int AgeAt(absl::CivilDay birth, absl::CivilDay date, AgeUnit unit);

// What is not on record is not known, unless something else keeps the patient out.
PatientFit FitOf(const PatientTraits& patient, const FitQuestion& question);

}  // namespace yilian::directory
