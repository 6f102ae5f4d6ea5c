#include "services/scheduling/clients/patient_client.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/client_call.h"

namespace yilian::scheduling {
namespace {

using Fits = directory::v1::PatientFitService;

// A person waits, and is better told to try again than kept.
constexpr absl::Duration kLongest = absl::Seconds(2);

void Set(directory::v1::AgeBound* out, const AgeBound& bound) {
  out->set_value(bound.value);
  out->set_unit(static_cast<directory::v1::AgeUnit>(bound.unit));
}

directory::v1::FitQuestion ToProto(const FitQuestion& question) {
  directory::v1::FitQuestion proto;
  const ClinicRule& rule = question.rule;
  if (rule.least) Set(proto.mutable_least_age(), *rule.least);
  if (rule.greatest) Set(proto.mutable_greatest_age(), *rule.greatest);
  proto.set_sex(static_cast<directory::v1::Sex>(rule.sex));
  proto.set_date(absl::FormatCivilTime(question.date));
  return proto;
}

// What another attempt may mend.
bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace

PatientClient::PatientClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Fits::NewStub(std::move(channel))) {}

absl::StatusOr<std::vector<Fit>> PatientClient::FitsOf(PatientId patient,
                                                       const std::vector<FitQuestion>& questions,
                                                       absl::Time deadline) {
  directory::v1::CheckPatientFitRequest request;
  request.set_patient_id(patient.ToString());
  for (const FitQuestion& question : questions) *request.add_questions() = ToProto(question);
  const auto answer = rpc::ClientCall::Until(std::min(deadline, absl::Now() + kLongest))
                          .Invoke(*stub_, &Fits::Stub::CheckPatientFit, request);
  if (absl::IsNotFound(answer.status())) {
    return std::vector<Fit>(questions.size(), Fit::kNotKnown);
  }
  if (IsAway(answer.status())) return errors::FitNotChecked();
  if (!answer.ok()) return answer.status();
  if (answer->fits_size() != static_cast<int>(questions.size())) {
    return absl::InternalError("the directory answered another number of questions");
  }
  std::vector<Fit> fits;
  for (const int fit : answer->fits()) fits.push_back(static_cast<Fit>(fit));
  return fits;
}

}  // namespace yilian::scheduling
