#include "services/directory/domain/types.h"

#include <array>
#include <utility>

namespace yilian::directory {
namespace {

template <typename Code, size_t kSize>
using Names = std::array<std::pair<Code, std::string_view>, kSize>;

constexpr Names<Tier, 8> kTiers{{
    {Tier::kHealthAuthority, "HEALTH_AUTHORITY"},
    {Tier::kTertiaryHospital, "TERTIARY_HOSPITAL"},
    {Tier::kSecondaryHospital, "SECONDARY_HOSPITAL"},
    {Tier::kCommunityCentre, "COMMUNITY_CENTRE"},
    {Tier::kTownshipHospital, "TOWNSHIP_HOSPITAL"},
    {Tier::kVillageClinic, "VILLAGE_CLINIC"},
    {Tier::kLaboratory, "LABORATORY"},
    {Tier::kDiseaseControl, "DISEASE_CONTROL"},
}};
constexpr Names<Sex, 3> kSexes{{
    {Sex::kMale, "MALE"},
    {Sex::kFemale, "FEMALE"},
    {Sex::kUnknown, "UNKNOWN"},
}};
constexpr Names<CareSource, 4> kCareSources{{
    {CareSource::kRegistration, "REGISTRATION"},
    {CareSource::kContract, "CONTRACT"},
    {CareSource::kReferral, "REFERRAL"},
    {CareSource::kConsultation, "CONSULTATION"},
}};

template <typename Code, size_t kSize>
std::string_view NameIn(const Names<Code, kSize>& names, Code code) {
  for (const auto& [known, name] : names) {
    if (known == code) return name;
  }
  return "";
}

template <typename Code, size_t kSize>
std::optional<Code> CodeIn(const Names<Code, kSize>& names, std::string_view name) {
  for (const auto& [code, known] : names) {
    if (known == name) return code;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(Tier tier) { return NameIn(kTiers, tier); }
std::string_view Name(Sex sex) { return NameIn(kSexes, sex); }
std::string_view Name(CareSource source) { return NameIn(kCareSources, source); }
std::optional<Tier> TierFromName(std::string_view name) { return CodeIn(kTiers, name); }
std::optional<Sex> SexFromName(std::string_view name) { return CodeIn(kSexes, name); }
std::optional<CareSource> CareSourceFromName(std::string_view name) {
  return CodeIn(kCareSources, name);
}

}  // namespace yilian::directory
