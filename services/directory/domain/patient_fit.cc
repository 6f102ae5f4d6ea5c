#include "services/directory/domain/patient_fit.h"

#include <tuple>

namespace yilian::directory {
namespace {

PatientFit FitOfSex(Sex sex, const std::optional<Sex>& asked) {
  if (!asked) return PatientFit::kFits;
  if (sex == Sex::kUnknown) return PatientFit::kNotKnown;
  return sex == *asked ? PatientFit::kFits : PatientFit::kDoesNotFit;
}

PatientFit FitOfAge(const std::optional<absl::CivilDay>& birth, const FitQuestion& question) {
  if (!question.least && !question.greatest) return PatientFit::kFits;
  if (!birth) return PatientFit::kNotKnown;
  const auto age = [&](const AgeBound& bound) { return AgeAt(*birth, question.date, bound.unit); };
  const bool too_young = question.least && age(*question.least) < question.least->value;
  const bool too_old = question.greatest && age(*question.greatest) > question.greatest->value;
  return too_young || too_old ? PatientFit::kDoesNotFit : PatientFit::kFits;
}

}  // namespace

int AgeAt(absl::CivilDay birth, absl::CivilDay date, AgeUnit unit) {
  if (unit == AgeUnit::kDays) return static_cast<int>(date - birth);
  const int years = static_cast<int>(date.year() - birth.year());
  const bool birthday_to_come =
      std::tuple(date.month(), date.day()) < std::tuple(birth.month(), birth.day());
  return birthday_to_come ? years - 1 : years;
}

PatientFit FitOf(const PatientTraits& patient, const FitQuestion& question) {
  const PatientFit sex = FitOfSex(patient.sex, question.sex);
  const PatientFit age = FitOfAge(patient.birth_date, question);
  for (const PatientFit one : {PatientFit::kDoesNotFit, PatientFit::kNotKnown}) {
    if (sex == one || age == one) return one;
  }
  return PatientFit::kFits;
}

}  // namespace yilian::directory
