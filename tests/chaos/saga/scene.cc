#include "tests/chaos/saga/scene.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/status/error.h"
#include "services/ctl/demo/catalogue.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::chaos {
namespace {

using ctl::demo::DemoId;
using ctl::demo::NewId;
using ctl::demo::Person;
using directory::v1::DirectoryService;
using referral::v1::ReferralService;

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string Organization(std::string_view key) { return DemoId("organization", key).ToString(); }
std::string Department(std::string_view key) { return DemoId("department", key).ToString(); }

// The process was killed under the call, or has not come back yet.
bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status);
}

template <typename Method, typename Request>
auto Repeatedly(const Person& by, const std::string& service, Method method,
                const Request& request) {
  using Service = ReferralService;
  const absl::Time deadline = absl::Now() + kPatience;
  while (true) {
    auto answer = by.Call<Service>(service, method, request);
    if (answer.ok() || !IsAway(answer.status()) || absl::Now() > deadline) return answer;
    absl::SleepFor(absl::Milliseconds(20));  // lint:allow(test-sleep) between two attempts
  }
}

// Decides on what the referral is now; a decision that came too late is made anew.
template <typename Request, typename Method>
absl::Status Decide(const Person& by, const std::string& id, Method method, Request request) {
  while (true) {
    referral::v1::GetReferralRequest get;
    get.set_referral_id(id);
    ASSIGN_OR_RETURN(const auto now,
                     Repeatedly(by, "referral", &ReferralService::Stub::GetReferral, get));
    request.set_request_id(NewId());
    request.set_referral_id(id);
    request.set_etag(now.etag());
    absl::Status done = Repeatedly(by, "referral", method, request).status();
    if (status::ReasonOf(done) != "ETAG_STALE") return done;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cast>> Cast::SignIn(const ctl::Region& region) {
  ASSIGN_OR_RETURN(Person doctor, Person::SignIn(region, "doctor.taoxi"));
  ASSIGN_OR_RETURN(Person first, Person::SignIn(region, "coordinator.first"));
  ASSIGN_OR_RETURN(Person second, Person::SignIn(region, "coordinator.east"));
  return std::unique_ptr<Cast>(new Cast(std::move(doctor), std::move(first), std::move(second)));
}

absl::StatusOr<std::string> Cast::Refer() {
  directory::v1::RegisterPatientRequest patient;
  patient.set_request_id(NewId());
  patient.set_organization_id(Organization("taoxi"));
  patient.set_name("步步");
  patient.set_sex(directory::v1::SEX_MALE);
  patient.set_birth_date("1950-05-05");
  ASSIGN_OR_RETURN(const auto registered,
                   doctor_.Call<DirectoryService>(
                       "directory", &DirectoryService::Stub::RegisterPatient, patient));
  referral::v1::CreateReferralRequest request;
  request.set_request_id(NewId());
  request.set_patient_id(registered.patient().patient_id());
  request.set_direction(referral::v1::DIRECTION_UP);
  request.set_channel(referral::v1::CHANNEL_GREEN);
  request.set_setting(referral::v1::SETTING_OUTPATIENT);
  request.set_urgency(referral::v1::URGENCY_URGENT);
  request.set_receiving_organization_id(Organization("first"));
  request.set_receiving_department_id(Department("first.cardiology"));
  request.mutable_summary()->set_complaint("胸闷两小时");
  request.mutable_summary()->mutable_diagnosis()->set_code("I20.0");
  request.set_submit(true);
  request.set_patient_consented(true);
  ASSIGN_OR_RETURN(
      const auto referral,
      Repeatedly(doctor_, "referral", &ReferralService::Stub::CreateReferral, request));
  return referral.referral_id();
}

absl::StatusOr<referral::v1::Referral> Cast::Read(const std::string& id) const {
  referral::v1::GetReferralRequest request;
  request.set_referral_id(id);
  return Repeatedly(doctor_, "referral", &ReferralService::Stub::GetReferral, request);
}

absl::Status Cast::Accept(const std::string& id) {
  return Decide(first_, id, &ReferralService::Stub::AcceptReferral,
                referral::v1::AcceptReferralRequest());
}

absl::Status Cast::AcceptElsewhere(const std::string& id) {
  return Decide(second_, id, &ReferralService::Stub::AcceptReferral,
                referral::v1::AcceptReferralRequest());
}

absl::Status Cast::Redirect(const std::string& id) {
  referral::v1::RedirectReferralRequest request;
  request.set_receiving_organization_id(Organization("east"));
  request.set_receiving_department_id(Department("east.cardiology"));
  request.set_reason(referral::v1::REASON_CODE_NO_CAPACITY);
  request.set_comment("请东区接诊");
  return Decide(first_, id, &ReferralService::Stub::RedirectReferral, request);
}

absl::Status Cast::Withdraw(const std::string& id) {
  referral::v1::WithdrawReferralRequest request;
  request.set_reason(referral::v1::REASON_CODE_PATIENT_DECLINED);
  return Decide(doctor_, id, &ReferralService::Stub::WithdrawReferral, request);
}

absl::Status Cast::Reschedule(const std::string& id) {
  return Decide(doctor_, id, &ReferralService::Stub::RescheduleReferral,
                referral::v1::RescheduleReferralRequest());
}

}  // namespace yilian::chaos
