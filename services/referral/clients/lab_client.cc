#include "services/referral/clients/lab_client.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"

namespace yilian::referral {
namespace {

using Lab = lab::v1::LabService;

// A submission waits for a laboratory service that is slow no longer than a doctor would.
constexpr absl::Duration kPatience = absl::Seconds(2);

}  // namespace

LabClient::LabClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Lab::NewStub(std::move(channel))) {}

absl::StatusOr<std::vector<std::string>> LabClient::Unknown(OrganizationId organization,
                                                            PatientId patient,
                                                            const std::vector<std::string>& reports,
                                                            absl::Time deadline) {
  lab::v1::CheckReportsRequest request;
  request.set_organization_id(organization.ToString());
  request.set_patient_id(patient.ToString());
  for (const std::string& report : reports) request.add_report_ids(report);
  const absl::Time until = std::min(deadline, absl::Now() + kPatience);
  ASSIGN_OR_RETURN(const lab::v1::CheckReportsResponse answer,
                   rpc::ClientCall::Until(until).Invoke(*stub_, &Lab::Stub::CheckReports, request));
  return std::vector<std::string>(answer.unknown_report_ids().begin(),
                                  answer.unknown_report_ids().end());
}

}  // namespace yilian::referral
