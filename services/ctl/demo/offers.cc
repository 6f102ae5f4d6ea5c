#include "services/ctl/demo/offers.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>

#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"
#include "yilian/directory/v1/catalog.grpc.pb.h"

namespace yilian::ctl::demo {
namespace {

using directory::v1::CatalogService;

struct Offer {
  std::string_view specialty;
  std::array<std::string_view, 3> capabilities;  // the last one of tertiary hospitals only
  std::array<std::string_view, 2> conditions;    // ICD-10
};
constexpr std::array kOffers = {
    Offer{"CARDIOLOGY", {"ECHOCARDIOGRAPHY", "HOLTER", "CORONARY_INTERVENTION"}, {"I20", "I21"}},
    Offer{"NEUROLOGY", {"EEG", "THROMBOLYSIS", "THROMBECTOMY"}, {"I63", "G40"}},
    Offer{"RESPIRATORY", {"SPIROMETRY", "BRONCHOSCOPY", "ECMO"}, {"J44", "J18"}},
    Offer{"ENDOCRINOLOGY", {"INSULIN_PUMP", "THYROID_PUNCTURE", "ISLET_CLINIC"}, {"E11", "E05"}},
    Offer{"GENERAL_SURGERY", {"LAPAROSCOPY", "ENDOSCOPY", "LIVER_SURGERY"}, {"K35", "K80"}},
};

// The same request id on every run; after the ledger has forgotten it, the etag says that the entry
// is there.
std::string LoadId(std::string_view what, std::string_view key) {
  return DemoId("load", fmt::format("{} {}", what, key)).ToString();
}

template <typename Response>
absl::Status Done(const absl::StatusOr<Response>& answer) {
  if (answer.ok() || absl::IsAborted(answer.status())) return absl::OkStatus();
  return answer.status();
}

void Require(directory::v1::DefineCatalogEntryRequest& request, std::string_view code,
             directory::v1::RequiredItemKind kind, std::string_view name, bool routine_only) {
  directory::v1::RequiredItem& item = *request.add_required_items();
  item.set_code(std::string(code));
  item.set_kind(kind);
  item.set_name(std::string(name));
  item.add_directions(referral::v1::DIRECTION_UP);
  if (routine_only) item.add_urgencies(referral::v1::URGENCY_ROUTINE);
}

directory::v1::DefineCatalogEntryRequest EntryOf(const DemoDepartment& department, bool tertiary) {
  directory::v1::DefineCatalogEntryRequest request;
  request.set_request_id(LoadId("catalog entry", department.key));
  request.set_department_id(department.id());
  for (const Offer& offer : kOffers) {
    if (offer.specialty != department.specialty) continue;
    for (size_t i = 0; i < offer.capabilities.size(); ++i) {
      if (tertiary || i + 1 < offer.capabilities.size()) {
        request.add_capabilities(std::string(offer.capabilities[i]));
      }
    }
    for (const std::string_view code : offer.conditions) {
      type::v1::Coding& condition = *request.add_conditions();
      condition.set_system("I10");
      condition.set_code(std::string(code));
    }
  }
  for (const auto setting : {referral::v1::SETTING_OUTPATIENT, referral::v1::SETTING_INPATIENT,
                             referral::v1::SETTING_EMERGENCY}) {
    request.add_settings(setting);
  }
  request.add_channels(referral::v1::CHANNEL_STANDARD);
  request.add_channels(referral::v1::CHANNEL_GREEN);
  // An emergency waits for no paper.
  Require(request, "DIAGNOSIS_CODE", directory::v1::REQUIRED_ITEM_KIND_TEXT, "初步诊断编码", true);
  Require(request, "HISTORY", directory::v1::REQUIRED_ITEM_KIND_TEXT, "病史", true);
  if (department.specialty == "CARDIOLOGY") {
    Require(request, "LAB_REPORT", directory::v1::REQUIRED_ITEM_KIND_REPORT, "检验报告", true);
    Require(request, "BLOOD_PRESSURE", directory::v1::REQUIRED_ITEM_KIND_VITAL, "血压", true);
    request.mutable_required_items(0)->clear_urgencies();
  }
  return request;
}

// Hospitals in the middle of a made-up county, everybody else on a spiral around them, 3 to 60 km
// away.
directory::v1::LocateOrganizationRequest PlaceOf(const DemoOrganization& organization,
                                                 size_t index) {
  constexpr double kCentreEast = 112.0;
  constexpr double kCentreNorth = 28.0;
  constexpr double kKilometresOfADegree = 111.0;
  const double kilometres = 3.0 + 57.0 * static_cast<double>(index % 33) / 33.0;
  const double angle = static_cast<double>(index) * std::numbers::pi * (3.0 - std::sqrt(5.0));
  directory::v1::LocateOrganizationRequest request;
  request.set_request_id(LoadId("location", organization.key));
  request.set_organization_id(organization.id());
  request.set_longitude(kCentreEast + kilometres / kKilometresOfADegree * std::cos(angle));
  request.set_latitude(kCentreNorth + kilometres / kKilometresOfADegree * std::sin(angle));
  return request;
}

}  // namespace

absl::Status LoadOffers(const Person& ctl) {
  size_t index = 0;
  for (const DemoOrganization& one : Organizations()) {
    RETURN_IF_ERROR(Done(ctl.Call<CatalogService>(
        "directory", &CatalogService::Stub::LocateOrganization, PlaceOf(one, index++))));
  }
  for (const DemoDepartment& one : Departments()) {
    const bool tertiary = one.organization == "first" || one.organization == "central";
    RETURN_IF_ERROR(Done(ctl.Call<CatalogService>(
        "directory", &CatalogService::Stub::DefineCatalogEntry, EntryOf(one, tertiary))));
  }
  return absl::OkStatus();
}

}  // namespace yilian::ctl::demo
