#include "services/scheduling/rpc/convert.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_fit.pb.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling {
namespace {

// The domain's names are the proto's without their prefix, under the same numbers.
template <typename Value>
void ExpectSameNumbers(const google::protobuf::EnumDescriptor* proto, const std::string& prefix) {
  for (int i = 0; i < proto->value_count(); ++i) {
    const int number = proto->value(i)->number();
    if (number == 0) continue;
    EXPECT_EQ(prefix + std::string(Name(static_cast<Value>(number))), proto->value(i)->name());
  }
}

TEST(Numbers, AreTheProtos) {
  ExpectSameNumbers<SessionKind>(v1::SessionKind_descriptor(), "SESSION_KIND_");
  ExpectSameNumbers<PoolKind>(v1::PoolKind_descriptor(), "POOL_KIND_");
  ExpectSameNumbers<BookingState>(v1::BookingState_descriptor(), "BOOKING_STATE_");
  ExpectSameNumbers<WaitListState>(v1::WaitListState_descriptor(), "WAIT_LIST_STATE_");
  ExpectSameNumbers<ResourceKind>(v1::ResourceKind_descriptor(), "RESOURCE_KIND_");
  ExpectSameNumbers<TemplateConflictKind>(v1::TemplateConflictKind_descriptor(),
                                          "TEMPLATE_CONFLICT_KIND_");
  ExpectSameNumbers<AgeUnit>(v1::AgeUnit_descriptor(), "AGE_UNIT_");
  ExpectSameNumbers<PatientSex>(v1::PatientSex_descriptor(), "PATIENT_SEX_");
}

TEST(Numbers, OfTiersAreTheDirectorys) {
  EXPECT_EQ(static_cast<int>(Tier::kTertiaryHospital), directory::v1::TIER_TERTIARY_HOSPITAL);
  EXPECT_EQ(static_cast<int>(Tier::kCommunityCentre), directory::v1::TIER_COMMUNITY_CENTRE);
  EXPECT_EQ(static_cast<int>(Tier::kTownshipHospital), directory::v1::TIER_TOWNSHIP_HOSPITAL);
  EXPECT_EQ(static_cast<int>(Tier::kVillageClinic), directory::v1::TIER_VILLAGE_CLINIC);
  EXPECT_EQ(static_cast<int>(Tier::kDiseaseControl), directory::v1::TIER_DISEASE_CONTROL);
}

TEST(Numbers, OfWhatTheDirectoryIsAskedAreItsOwn) {
  ExpectSameNumbers<AgeUnit>(directory::v1::AgeUnit_descriptor(), "AGE_UNIT_");
  EXPECT_EQ(static_cast<int>(PatientSex::kMale), directory::v1::SEX_MALE);
  EXPECT_EQ(static_cast<int>(PatientSex::kFemale), directory::v1::SEX_FEMALE);
  EXPECT_EQ(static_cast<int>(Fit::kFits), directory::v1::PATIENT_FIT_FITS);
  EXPECT_EQ(static_cast<int>(Fit::kDoesNotFit), directory::v1::PATIENT_FIT_DOES_NOT_FIT);
  EXPECT_EQ(static_cast<int>(Fit::kNotKnown), directory::v1::PATIENT_FIT_NOT_KNOWN);
}

TEST(Convert, ANilIdIsAnEmptyText) {
  Booking booking;
  booking.id = BookingId::New(absl::FromUnixSeconds(1));
  const v1::Booking proto = convert::ToProto(booking);
  EXPECT_EQ(proto.booking_id(), booking.id.ToString());
  EXPECT_EQ(proto.practitioner_id(), "");
  EXPECT_EQ(proto.referral_id(), "");
  EXPECT_EQ(proto.hold_token(), "");
}

TEST(Convert, TimesKeepTheirMicroseconds) {
  SessionView view;
  view.session.time = {absl::FromUnixMicros(1'790'000'000'123'456),
                       absl::FromUnixMicros(1'790'000'000'123'457)};
  const v1::Session proto = convert::ToProto(view);
  EXPECT_EQ(proto.time().start().nanos(), 123'456'000);
  v1::CreateSessionRequest request;
  for (std::string* id : {request.mutable_organization_id(), request.mutable_department_id()}) {
    *id = base::Uuid::V7().ToString();
  }
  *request.mutable_time() = proto.time();
  EXPECT_EQ(convert::ToDomain(request)->time, view.session.time);
}

}  // namespace
}  // namespace yilian::scheduling
