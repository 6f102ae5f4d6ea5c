// A scheduling service whose clinics are for an age or a sex: for tests. It is Monday, 21 September
// 2026, 8:00 in Shanghai.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {

class ClinicFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    Rules rules;
    ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &rules.limits.zone));
    desk_ = std::make_unique<SchedulingDesk>(
        test_support::TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow, rules);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    // 14 on 28 September 2026, and 15 a day later; 15 on 28 September.
    Know("girl", PatientSex::kFemale, absl::CivilDay(2011, 9, 29));
    Know("grown", PatientSex::kFemale, absl::CivilDay(2011, 9, 28));
    Know("boy", PatientSex::kMale, absl::CivilDay(2018, 1, 1));
    Know("man", PatientSex::kMale, absl::CivilDay(1980, 1, 1));
    Know("unknown", PatientSex::kAny, std::nullopt);
  }

  static std::string Meta(const absl::Status& status, const std::string& key) {
    const auto info = status::InfoOf(status);
    if (!info || !info->metadata().contains(key)) return "";
    return info->metadata().at(key);
  }
  void Know(const std::string& patient, PatientSex sex, std::optional<absl::CivilDay> birth) {
    desk_->patients().Know(PatientId(Named(patient)), {.sex = sex, .birth_date = birth});
    desk_->Contract(patient, "township");
    desk_->Contract(patient, "hospital");
  }

  static v1::ClinicRule Children() {
    v1::ClinicRule rule;
    rule.mutable_greatest_age()->set_value(14);
    rule.mutable_greatest_age()->set_unit(v1::AGE_UNIT_YEARS);
    return rule;
  }
  static v1::ClinicRule Women() {
    v1::ClinicRule rule;
    rule.set_sex(v1::PATIENT_SEX_FEMALE);
    return rule;
  }

  // On 28 September unless said otherwise; open to all.
  v1::Session Open(const v1::ClinicRule& rule, absl::Duration ahead = absl::Hours(24 * 7),
                   int seats = 4) {
    v1::CreateSessionRequest offer = desk_->Offer(seats, ahead);
    *offer.mutable_clinic_rule() = rule;
    offer.set_on_public_holiday(true);
    v1::PoolQuota& open = *offer.add_quotas();
    open.set_kind(v1::POOL_KIND_OPEN);
    open.set_seats(seats);
    return desk_->Create(offer);
  }
  absl::StatusOr<v1::Booking> Hold(const v1::Session& session, const std::string& patient,
                                   const std::string& request_id = "") {
    v1::HoldSeatRequest wish = desk_->Wish(session, patient, "township");
    wish.set_request_id(request_id);
    return desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish);
  }
  absl::StatusOr<v1::Booking> HoldInDepartment(const std::string& patient) {
    v1::HoldSeatRequest wish;
    wish.set_department_id(Named("cardiology").ToString());
    wish.set_patient_id(Named(patient).ToString());
    wish.set_organization_id(Named("township").ToString());
    return desk_->Ask(Person("township"), &SchedulingHandlers::HoldSeat, wish);
  }
  absl::StatusOr<v1::Booking> Booked(const v1::Session& session, const std::string& patient) {
    const absl::StatusOr<v1::Booking> held = Hold(session, patient);
    return held.ok() ? desk_->Book(*held) : held;
  }
  absl::StatusOr<v1::Booking> Reschedule(const v1::Booking& booking, const v1::Session& to) {
    v1::RescheduleBookingRequest request;
    request.set_booking_id(booking.booking_id());
    request.set_session_id(to.session_id());
    return desk_->Ask(Person("township"), &SchedulingHandlers::RescheduleBooking, request);
  }
  absl::Status Cancel(const v1::Booking& booking) {
    v1::CancelBookingRequest request;
    request.set_booking_id(booking.booking_id());
    request.set_reason("PATIENT_DECLINED");
    return desk_->Ask(Person("township"), &SchedulingHandlers::CancelBooking, request).status();
  }
  absl::StatusOr<v1::WaitListEntry> Join(const std::string& patient,
                                         const std::string& session = "") {
    desk_->clock().Advance(absl::Milliseconds(1));
    v1::JoinWaitListRequest request;
    request.set_patient_id(Named(patient).ToString());
    request.set_organization_id(Named("township").ToString());
    request.set_department_id(Named("cardiology").ToString());
    request.set_session_id(session);
    request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
    request.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + 4 * kWeek));
    return desk_->Ask(Person("township"), &WaitListHandlers::JoinWaitList, request);
  }
  v1::WaitListEntry See(const v1::WaitListEntry& entry) {
    v1::GetWaitListEntryRequest request;
    request.set_entry_id(entry.entry_id());
    const auto seen = desk_->Ask(Person("hospital"), &WaitListHandlers::GetWaitListEntry, request);
    EXPECT_THAT(seen, status::IsOk());
    return seen.value_or(v1::WaitListEntry());
  }
  absl::StatusOr<v1::SearchSessionsResponse> Search(const std::string& patient) {
    v1::SearchSessionsRequest request;
    request.set_department_id(Named("cardiology").ToString());
    if (!patient.empty()) request.set_patient_id(Named(patient).ToString());
    request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
    request.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + 4 * kWeek));
    return desk_->Ask(Person("township"), &SchedulingHandlers::SearchSessions, request);
  }
  std::vector<std::string> Found(const std::string& patient) {
    const auto found = Search(patient);
    EXPECT_THAT(found, status::IsOk());
    std::vector<std::string> ids;
    for (const v1::Session& one : found->sessions()) ids.push_back(one.session_id());
    return ids;
  }
  absl::StatusOr<v1::Booking> WalkIn(const v1::Session& session, const std::string& patient,
                                     v1::WalkInReason reason) {
    rpc::Caller desk = Person("hospital");
    desk.roles = {policy::v1::ROLE_SCHEDULER};
    v1::BookWalkInRequest request;
    request.set_session_id(session.session_id());
    request.set_patient_id(Named(patient).ToString());
    request.set_organization_id(Named("hospital").ToString());
    request.set_reason(reason);
    return desk_->Ask(desk, &WalkInHandlers::BookWalkIn, request);
  }

  const absl::Time kNow = absl::FromUnixSeconds(1'789'948'800);
  const absl::Duration kWeek = absl::Hours(24 * 7);
  std::unique_ptr<SchedulingDesk> desk_;
};

}  // namespace yilian::scheduling
