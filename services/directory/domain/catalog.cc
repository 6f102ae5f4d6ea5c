#include "services/directory/domain/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr std::array<std::string_view, 3> kReports = {"LAB_REPORT", "IMAGING_STUDY", "OPINION"};
constexpr std::array<std::string_view, 4> kTexts = {"HISTORY", "TREATMENT", "QUESTION",
                                                    "DIAGNOSIS_CODE"};

template <size_t kSize>
bool Has(const std::array<std::string_view, kSize>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

void CheckItem(const RequiredItem& item, const std::string& field, Violations& violations) {
  if (item.kind == RequiredItemKind::kReport && !Has(kReports, item.code)) {
    violations.push_back({field, "is LAB_REPORT, IMAGING_STUDY or OPINION for a report"});
  }
  if (item.kind == RequiredItemKind::kText && !Has(kTexts, item.code)) {
    violations.push_back({field, "is HISTORY, TREATMENT, QUESTION or DIAGNOSIS_CODE for a text"});
  }
}

constexpr int64_t kDegree = 1'000'000;

}  // namespace

Violations Check(const CatalogEntry& entry) {
  Violations violations;
  std::set<std::string> seen;
  for (size_t i = 0; i < entry.capabilities.size(); ++i) {
    if (!seen.insert(entry.capabilities[i]).second) {
      violations.push_back({fmt::format("capabilities[{}]", i), "is given once"});
    }
  }
  seen.clear();
  for (size_t i = 0; i < entry.required_items.size(); ++i) {
    const std::string field = fmt::format("required_items[{}].code", i);
    CheckItem(entry.required_items[i], field, violations);
    if (!seen.insert(entry.required_items[i].code).second) {
      violations.push_back({field, "is given once"});
    }
  }
  seen.clear();
  for (size_t i = 0; i < entry.conditions.size(); ++i) {
    const Condition& condition = entry.conditions[i];
    if (condition.system.empty() || condition.code.empty()) {
      violations.push_back({fmt::format("conditions[{}]", i), "has a system and a code"});
    } else if (!seen.insert(condition.system + ' ' + condition.code).second) {
      violations.push_back({fmt::format("conditions[{}]", i), "is given once"});
    }
  }
  return violations;
}

Violations Check(const Location& location) {
  Violations violations;
  if (location.longitude_e6 < -180 * kDegree || location.longitude_e6 > 180 * kDegree) {
    violations.push_back({"longitude", "is -180 to 180 degrees"});
  }
  if (location.latitude_e6 < -90 * kDegree || location.latitude_e6 > 90 * kDegree) {
    violations.push_back({"latitude", "is -90 to 90 degrees"});
  }
  return violations;
}

absl::Status MaySpeakFor(const Actor& actor, OrganizationId organization) {
  if (actor.is_service || actor.organization == organization) return absl::OkStatus();
  return errors::ForeignOrganization();
}

absl::StatusOr<int64_t> NextVersion(int64_t stored, int64_t expected) {
  if (stored != expected) return errors::EtagStale(stored);
  return stored + 1;
}

}  // namespace yilian::directory
