#include "services/directory/rpc/catalog_convert.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"

namespace yilian::directory::convert {
namespace {

constexpr double kMillion = 1e6;

// "": 0, nothing was read. An etag that this service never gave is of no version.
int64_t ReadVersion(const std::string& etag) { return etag.empty() ? 0 : base::VersionOf(etag); }

template <typename Code, typename Numbers>
CodeSet<Code> SetOf(const Numbers& numbers) {
  CodeSet<Code> set;
  for (const int number : numbers) set.Add(static_cast<Code>(number));
  return set;
}

// The values of a set, of an enum that counts from 1 to `last`.
template <typename Code, typename Message>
void AddAll(const CodeSet<Code>& set, int last, Message* out) {
  for (int number = 1; number <= last; ++number) {
    if (set.Contains(static_cast<Code>(number))) out->Add(number);
  }
}

void SetItem(const RequiredItem& item, v1::RequiredItem* out) {
  out->set_code(item.code);
  out->set_kind(static_cast<v1::RequiredItemKind>(item.kind));
  out->set_name(item.name);
  AddAll(item.directions, static_cast<int>(Direction::kLateral), out->mutable_directions());
  AddAll(item.urgencies, static_cast<int>(Urgency::kEmergency), out->mutable_urgencies());
}

// Past what a place on earth has, so that the domain refuses it; a NaN is none, either.
int64_t ToE6(double degrees) {
  if (!std::isfinite(degrees)) return INT64_MAX;
  return std::llround(std::clamp(degrees, -1000.0, 1000.0) * kMillion);
}

}  // namespace

v1::CatalogEntry ToProto(const CatalogEntry& entry) {
  v1::CatalogEntry message;
  message.set_department_id(entry.department.ToString());
  message.set_organization_id(entry.organization.ToString());
  for (const std::string& capability : entry.capabilities) message.add_capabilities(capability);
  AddAll(entry.settings, static_cast<int>(Setting::kExamination), message.mutable_settings());
  AddAll(entry.channels, static_cast<int>(Channel::kGreen), message.mutable_channels());
  for (const RequiredItem& item : entry.required_items) {
    SetItem(item, message.add_required_items());
  }
  for (const Condition& condition : entry.conditions) {
    message.add_conditions()->set_system(condition.system);
    message.mutable_conditions()->rbegin()->set_code(condition.code);
  }
  message.set_etag(base::EtagOf(entry.version));
  return message;
}

v1::OrganizationLocation ToProto(const OrganizationLocation& location) {
  v1::OrganizationLocation message;
  message.set_organization_id(location.organization.ToString());
  message.set_longitude(static_cast<double>(location.location.longitude_e6) / kMillion);
  message.set_latitude(static_cast<double>(location.location.latitude_e6) / kMillion);
  message.set_etag(base::EtagOf(location.version));
  return message;
}

v1::Receiver ToProto(const Receiver& receiver) {
  v1::Receiver message;
  const Candidate& candidate = receiver.candidate;
  message.set_organization_id(candidate.organization.id.ToString());
  message.set_organization_name(candidate.organization.name);
  message.set_department_id(candidate.department.id.ToString());
  message.set_department_name(candidate.department.name);
  message.set_specialty(candidate.department.specialty);
  message.set_score(static_cast<int32_t>(receiver.score));
  for (const RankingFactor& factor : receiver.factors) {
    v1::RankingFactor& out = *message.add_factors();
    out.set_kind(static_cast<v1::RankingFactorKind>(factor.factor));
    out.set_value(static_cast<int32_t>(factor.value));
    out.set_weight(static_cast<int32_t>(factor.weight));
    out.set_contribution(static_cast<int32_t>(factor.contribution));
    out.set_text_zh(factor.chinese);
    out.set_text_en(factor.english);
  }
  if (candidate.first_free) wire::SetTime(message.mutable_first_free(), *candidate.first_free);
  for (const RequiredItem& item : candidate.entry.required_items) {
    SetItem(item, message.add_required_items());
  }
  return message;
}

absl::StatusOr<CatalogEntry> ToDomain(const v1::DefineCatalogEntryRequest& request) {
  CatalogEntry entry{.capabilities = {request.capabilities().begin(), request.capabilities().end()},
                     .settings = SetOf<Setting>(request.settings()),
                     .channels = SetOf<Channel>(request.channels()),
                     .version = ReadVersion(request.etag())};
  ASSIGN_OR_RETURN(entry.department, DepartmentId::Parse(request.department_id()));
  for (const v1::RequiredItem& item : request.required_items()) {
    entry.required_items.push_back({.code = item.code(),
                                    .kind = static_cast<RequiredItemKind>(item.kind()),
                                    .name = item.name(),
                                    .directions = SetOf<Direction>(item.directions()),
                                    .urgencies = SetOf<Urgency>(item.urgencies())});
  }
  for (const type::v1::Coding& condition : request.conditions()) {
    entry.conditions.push_back({condition.system(), condition.code()});
  }
  return entry;
}

absl::StatusOr<OrganizationLocation> ToDomain(const v1::LocateOrganizationRequest& request) {
  OrganizationLocation location{.location = {.longitude_e6 = ToE6(request.longitude()),
                                             .latitude_e6 = ToE6(request.latitude())},
                                .version = ReadVersion(request.etag())};
  ASSIGN_OR_RETURN(location.organization, OrganizationId::Parse(request.organization_id()));
  return location;
}

ReceiverQuery ToDomain(const v1::FindReceiversRequest& request) {
  ReceiverQuery query{
      .direction = static_cast<Direction>(request.direction()),
      .channel = static_cast<Channel>(request.channel()),
      .setting = static_cast<Setting>(request.setting()),
      .specialty = request.specialty(),
      .capabilities = {request.capabilities().begin(), request.capabilities().end()}};
  if (!request.condition().code().empty()) {
    query.condition = Condition{request.condition().system(), request.condition().code()};
  }
  return query;
}

}  // namespace yilian::directory::convert
