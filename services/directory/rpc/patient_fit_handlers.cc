#include "services/directory/rpc/patient_fit_handlers.h"

#include <fmt/format.h>

#include <vector>

#include "common/base/status_macros.h"
#include "services/directory/domain/errors.h"
#include "services/directory/domain/patient_fit.h"

namespace yilian::directory {
namespace {

AgeBound ToDomain(const v1::AgeBound& bound) {
  return {.value = bound.value(), .unit = static_cast<AgeUnit>(bound.unit())};
}

FitQuestion ToDomain(const v1::FitQuestion& asked) {
  FitQuestion question;
  if (asked.has_least_age()) question.least = ToDomain(asked.least_age());
  if (asked.has_greatest_age()) question.greatest = ToDomain(asked.greatest_age());
  if (asked.sex() != v1::SEX_UNSPECIFIED) question.sex = static_cast<Sex>(asked.sex());
  // The frame checked its form.
  absl::ParseCivilTime(asked.date(), &question.date);
  return question;
}

absl::Status Check(const v1::CheckPatientFitRequest& request) {
  Violations violations;
  for (int i = 0; i < request.questions_size(); ++i) {
    if (request.questions(i).sex() != v1::SEX_UNKNOWN) continue;
    violations.push_back({fmt::format("questions[{}].sex", i),
                          "asks for nothing; allowed: SEX_MALE, SEX_FEMALE, or unset"});
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

}  // namespace

rpc::Dispatch Bind(PatientFitHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.PatientFitService");
  dispatch.Unary("CheckPatientFit", &handlers, &PatientFitHandlers::CheckPatientFit);
  return dispatch;
}

absl::StatusOr<v1::CheckPatientFitResponse> PatientFitHandlers::CheckPatientFit(
    const rpc::Call& call, const v1::CheckPatientFitRequest& request) {
  RETURN_IF_ERROR(Check(request));
  ASSIGN_OR_RETURN(const PatientId id, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(const PatientTraits patient, patients_.TraitsOf(id, call.deadline()));
  call.Subject("patient", id.uuid(), id.uuid());
  v1::CheckPatientFitResponse response;
  for (const v1::FitQuestion& asked : request.questions()) {
    response.add_fits(static_cast<v1::PatientFit>(FitOf(patient, ToDomain(asked))));
  }
  return response;
}

}  // namespace yilian::directory
