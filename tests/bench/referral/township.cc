#include "tests/bench/referral/township.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::bench {
namespace {

using ctl::demo::DemoId;
using ctl::demo::NewId;
using directory::v1::DirectoryService;

constexpr int kChannels = 4;

}  // namespace

absl::StatusOr<std::unique_ptr<Township>> Township::Make(const ctl::Region& region, int patients) {
  ASSIGN_OR_RETURN(ctl::demo::Person doctor, ctl::demo::Person::SignIn(region, "doctor.taoxi"));
  std::unique_ptr<Township> township(new Township(region, std::move(doctor)));
  for (int i = 0; i < patients; ++i) {
    directory::v1::RegisterPatientRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(DemoId("organization", "taoxi").ToString());
    request.set_name(fmt::format("病人{}", i));
    request.set_sex(directory::v1::SEX_MALE);
    request.set_birth_date("1950-05-05");
    ASSIGN_OR_RETURN(const directory::v1::RegisterPatientResponse answer,
                     township->doctor_.Call<DirectoryService>(
                         "directory", &DirectoryService::Stub::RegisterPatient, request));
    township->patients_.push_back(answer.patient().patient_id());
  }
  return township;
}

referral::v1::CreateReferralRequest Township::NewReferral(size_t patient) const {
  referral::v1::CreateReferralRequest request;
  request.set_request_id(NewId());
  request.set_patient_id(patients_[patient % patients_.size()]);
  request.set_direction(referral::v1::DIRECTION_UP);
  request.set_channel(referral::v1::CHANNEL_STANDARD);
  request.set_setting(referral::v1::SETTING_OUTPATIENT);
  request.set_urgency(referral::v1::URGENCY_URGENT);
  request.set_receiving_organization_id(DemoId("organization", "first").ToString());
  request.set_receiving_department_id(DemoId("department", "first.cardiology").ToString());
  // A patient has one open referral to a department for a complaint; so each is another one.
  static std::atomic<int64_t> next = 0;
  request.mutable_summary()->set_complaint(fmt::format("胸闷、胸痛两小时，第{}次", ++next));
  request.mutable_summary()->set_history(
      "高血压十年，规律服药；今晨起床后胸骨后压榨样疼痛，向左肩放射。");
  request.mutable_summary()->set_question("是否需要急诊介入？");
  request.mutable_summary()->mutable_diagnosis()->set_system("I10");
  request.mutable_summary()->mutable_diagnosis()->set_code("I20.0");
  request.mutable_summary()->mutable_diagnosis()->set_display("不稳定型心绞痛");
  request.set_submit(true);
  request.set_patient_consented(true);
  return request;
}

absl::StatusOr<std::vector<std::unique_ptr<referral::v1::ReferralService::Stub>>> Township::Stubs()
    const {
  std::vector<std::unique_ptr<referral::v1::ReferralService::Stub>> stubs;
  for (int i = 0; i < kChannels; ++i) {
    ASSIGN_OR_RETURN(const auto channel, region_.Channel("referral", "yilianctl"));
    stubs.push_back(referral::v1::ReferralService::NewStub(channel));
  }
  return stubs;
}

}  // namespace yilian::bench
