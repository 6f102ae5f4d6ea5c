#include "services/directory/domain/types.h"

#include "common/base/name_table.h"

namespace yilian::directory {
namespace {

constexpr auto kTiers = base::Names<Tier>({
    {Tier::kHealthAuthority, "HEALTH_AUTHORITY"},
    {Tier::kTertiaryHospital, "TERTIARY_HOSPITAL"},
    {Tier::kSecondaryHospital, "SECONDARY_HOSPITAL"},
    {Tier::kCommunityCentre, "COMMUNITY_CENTRE"},
    {Tier::kTownshipHospital, "TOWNSHIP_HOSPITAL"},
    {Tier::kVillageClinic, "VILLAGE_CLINIC"},
    {Tier::kLaboratory, "LABORATORY"},
    {Tier::kDiseaseControl, "DISEASE_CONTROL"},
});
constexpr auto kSexes = base::Names<Sex>({
    {Sex::kMale, "MALE"},
    {Sex::kFemale, "FEMALE"},
    {Sex::kUnknown, "UNKNOWN"},
});
constexpr auto kCareSources = base::Names<CareSource>({
    {CareSource::kRegistration, "REGISTRATION"},
    {CareSource::kContract, "CONTRACT"},
    {CareSource::kReferral, "REFERRAL"},
    {CareSource::kConsultation, "CONSULTATION"},
    {CareSource::kAdmission, "ADMISSION"},
});

}  // namespace

std::string_view Name(Tier tier) { return kTiers.NameOf(tier); }
std::string_view Name(Sex sex) { return kSexes.NameOf(sex); }
std::string_view Name(CareSource source) { return kCareSources.NameOf(source); }
std::optional<Tier> TierFromName(std::string_view name) { return kTiers.ValueOf(name); }
std::optional<Sex> SexFromName(std::string_view name) { return kSexes.ValueOf(name); }
std::optional<CareSource> CareSourceFromName(std::string_view name) {
  return kCareSources.ValueOf(name);
}

}  // namespace yilian::directory
