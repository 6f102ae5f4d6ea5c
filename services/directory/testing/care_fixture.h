// A township clinic with its patient, and a hospital that does not know them yet.
#pragma once

#include <string>

#include "services/directory/rpc/access_handlers.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory::testing {

class CareFixture : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    township_ = MakeOrganization("青山镇卫生院");
    hospital_ = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
    patient_ = MakePatient(township_);
    township_doctor_ = PersonOf(township_);
    hospital_doctor_ = PersonOf(hospital_);
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(const rpc::Caller& caller,
                               absl::StatusOr<Response> (AccessHandlers::*method)(const rpc::Call&,
                                                                                  const Request&),
                               const Request& request) {
    return As(caller, *access_handlers_, method, request);
  }
  // To the hospital, now.
  absl::StatusOr<v1::Admission> Admit(const rpc::Caller& caller, const std::string& patient,
                                      const std::string& visit) {
    v1::RecordAdmissionRequest request;
    request.set_request_id(NewId());
    request.set_patient_id(patient);
    request.set_organization_id(hospital_);
    request.set_visit_number(visit);
    request.mutable_admitted_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
    return Ask(caller, &AccessHandlers::RecordAdmission, request);
  }

  std::string township_;
  std::string hospital_;
  std::string patient_;
  rpc::Caller township_doctor_;
  rpc::Caller hospital_doctor_;
};

}  // namespace yilian::directory::testing
