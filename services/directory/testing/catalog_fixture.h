// A catalogue, the seats that scheduling's events tell of, and who asks for receivers; for tests.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "services/directory/jobs/seat_consumer.h"
#include "services/directory/rpc/catalog_handlers.h"
#include "services/directory/store/mysql_catalog_store.h"
#include "services/directory/store/mysql_receiver_source.h"
#include "services/directory/testing/directory_fixture.h"
#include "yilian/scheduling/v1/scheduling.pb.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::directory::testing {

class CatalogFixture : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    catalog_ = std::make_unique<MysqlCatalogStore>(*pool_);
    receivers_ = std::make_unique<MysqlReceiverSource>(*pool_);
    handlers_ = std::make_unique<CatalogHandlers>(CatalogHandlers::Deps{
        .unit = *unit_, .catalog = *catalog_, .receivers = *receivers_, .sealer = sealer_});
  }

  // A lead hospital with itself as consortium.
  std::string MakeLead(const std::string& name) {
    return Make(name, v1::TIER_TERTIARY_HOSPITAL, "");
  }
  std::string Make(const std::string& name, v1::Tier tier, const std::string& lead) {
    v1::CreateOrganizationRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(NewId());
    request.set_name(name);
    request.set_tier(tier);
    request.set_consortium_id(lead.empty() ? request.organization_id() : lead);
    const auto made =
        As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateOrganization, request);
    EXPECT_THAT(made, status::IsOk());
    return made->organization_id();
  }
  std::string MakeDepartment(const std::string& organization, const std::string& name) {
    v1::CreateDepartmentRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(organization);
    request.set_name(name);
    request.set_specialty("CARDIOLOGY");
    const auto made =
        As(Ctl(), *organization_handlers_, &OrganizationHandlers::CreateDepartment, request);
    EXPECT_THAT(made, status::IsOk());
    return made->department_id();
  }
  static v1::DefineCatalogEntryRequest Entry(const std::string& department,
                                             const std::string& etag = "") {
    v1::DefineCatalogEntryRequest request;
    request.set_request_id(NewId());
    request.set_department_id(department);
    request.set_etag(etag);
    request.add_capabilities("ECHOCARDIOGRAPHY");
    request.add_capabilities("CORONARY_INTERVENTION");
    request.add_settings(referral::v1::SETTING_OUTPATIENT);
    request.add_channels(referral::v1::CHANNEL_STANDARD);
    v1::RequiredItem& item = *request.add_required_items();
    item.set_code("LAB_REPORT");
    item.set_kind(v1::REQUIRED_ITEM_KIND_REPORT);
    item.set_name("检验报告");
    item.add_directions(referral::v1::DIRECTION_UP);
    request.add_conditions()->set_system("I10");
    request.mutable_conditions(0)->set_code("I20");
    return request;
  }
  absl::StatusOr<v1::CatalogEntry> Define(const rpc::Caller& caller,
                                          const v1::DefineCatalogEntryRequest& request) {
    return As(caller, *handlers_, &CatalogHandlers::DefineCatalogEntry, request);
  }
  absl::StatusOr<v1::CatalogEntry> Get(const std::string& department) {
    v1::GetCatalogEntryRequest request;
    request.set_department_id(department);
    return As(Service("referral"), *handlers_, &CatalogHandlers::GetCatalogEntry, request);
  }
  absl::StatusOr<v1::OrganizationLocation> Locate(const rpc::Caller& caller,
                                                  const std::string& organization, double longitude,
                                                  double latitude, const std::string& etag = "") {
    v1::LocateOrganizationRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(organization);
    request.set_longitude(longitude);
    request.set_latitude(latitude);
    request.set_etag(etag);
    return As(caller, *handlers_, &CatalogHandlers::LocateOrganization, request);
  }
  absl::StatusOr<v1::FindReceiversResponse> Find(const rpc::Caller& caller,
                                                 const std::string& organization, int size = 0,
                                                 const std::string& token = "") {
    v1::FindReceiversRequest request;
    request.set_organization_id(organization);
    request.set_direction(referral::v1::DIRECTION_UP);
    request.set_channel(referral::v1::CHANNEL_STANDARD);
    request.set_setting(referral::v1::SETTING_OUTPATIENT);
    request.set_specialty("CARDIOLOGY");
    request.mutable_page()->set_page_size(size);
    request.mutable_page()->set_page_token(token);
    return As(caller, *handlers_, &CatalogHandlers::FindReceivers, request);
  }
  static std::vector<std::string> DepartmentsOf(const v1::FindReceiversResponse& response) {
    std::vector<std::string> departments;
    for (const auto& one : response.receivers()) departments.push_back(one.department_id());
    return departments;
  }
  void Apply(const google::protobuf::Message& payload) {
    event::v1::Event event;
    event.set_event_id(NewId());
    event.mutable_payload()->PackFrom(payload);
    EXPECT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(10)},
                    [&](mysql::Session& session) { return ApplySeatEvent(session, event); }),
                status::IsOk());
  }
  // A session of so many seats, the first `reserved` of them for the consortium.
  std::string OfferSession(const std::string& department, absl::Duration ahead, int seats,
                           int reserved) {
    std::vector<Range> ranges;
    if (reserved > 0) ranges.push_back({scheduling::v1::POOL_KIND_CONSORTIUM, reserved});
    if (seats > reserved) ranges.push_back({scheduling::v1::POOL_KIND_OPEN, seats - reserved});
    return OfferSession(department, ahead, ranges);
  }
  struct Range {
    scheduling::v1::PoolKind kind = scheduling::v1::POOL_KIND_OPEN;
    int seats = 0;
    std::string organization;
  };
  std::string OfferSession(const std::string& department, absl::Duration ahead,
                           const std::vector<Range>& ranges, bool tells_pools = true) {
    scheduling::v1::SessionCreated created;
    scheduling::v1::Session& session = *created.mutable_session();
    session.set_session_id(NewId());
    session.set_department_id(department);
    session.set_kind(scheduling::v1::SESSION_KIND_OUTPATIENT);
    session.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(clock_.Now() + ahead));
    int seats = 0;
    for (const Range& range : ranges) {
      if (range.kind != scheduling::v1::POOL_KIND_OPEN) {
        scheduling::v1::PoolQuota* quota = session.add_quotas();
        quota->set_kind(range.kind);
        quota->set_organization_id(range.organization);
        quota->set_seats(range.seats);
      }
      scheduling::v1::SeatRange* pool = created.add_pools();
      pool->set_kind(range.kind);
      pool->set_organization_id(range.organization);
      pool->set_first_seat(seats + 1);
      seats += range.seats;
      pool->set_last_seat(seats);
    }
    session.set_seats(seats);
    if (!tells_pools) created.clear_pools();
    Apply(created);
    return session.session_id();
  }
  void Book(const std::string& session, const std::string& booking,
            scheduling::v1::BookingState state, int seat_number = 1) {
    scheduling::v1::BookingChanged changed;
    changed.mutable_booking()->set_booking_id(booking);
    changed.mutable_booking()->set_session_id(session);
    changed.mutable_booking()->set_state(state);
    changed.mutable_booking()->set_seat_number(seat_number);
    Apply(changed);
  }

  std::unique_ptr<MysqlCatalogStore> catalog_;
  std::unique_ptr<MysqlReceiverSource> receivers_;
  std::unique_ptr<CatalogHandlers> handlers_;
};

}  // namespace yilian::directory::testing
