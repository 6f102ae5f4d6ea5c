#include "services/directory/domain/organization.h"

#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kTitles = base::Names<ProfessionalTitle>({
    {ProfessionalTitle::kChiefPhysician, "主任医师"},
    {ProfessionalTitle::kAssociateChiefPhysician, "副主任医师"},
    {ProfessionalTitle::kAttendingPhysician, "主治医师"},
    {ProfessionalTitle::kPhysician, "医师"},
    {ProfessionalTitle::kAssistantPhysician, "医士"},
    {ProfessionalTitle::kChiefPharmacist, "主任药师"},
    {ProfessionalTitle::kAssociateChiefPharmacist, "副主任药师"},
    {ProfessionalTitle::kSeniorPharmacist, "主管药师"},
    {ProfessionalTitle::kPharmacist, "药师"},
    {ProfessionalTitle::kAssistantPharmacist, "药士"},
    {ProfessionalTitle::kChiefNurse, "主任护师"},
    {ProfessionalTitle::kAssociateChiefNurse, "副主任护师"},
    {ProfessionalTitle::kSeniorNurse, "主管护师"},
    {ProfessionalTitle::kNursePractitioner, "护师"},
    {ProfessionalTitle::kNurse, "护士"},
    {ProfessionalTitle::kChiefTechnician, "主任技师"},
    {ProfessionalTitle::kAssociateChiefTechnician, "副主任技师"},
    {ProfessionalTitle::kSeniorTechnician, "主管技师"},
    {ProfessionalTitle::kTechnician, "技师"},
    {ProfessionalTitle::kAssistantTechnician, "技士"},
});

}  // namespace

std::string_view Name(ProfessionalTitle title) { return kTitles.NameOf(title); }

absl::Status CheckConsortium(const Organization& organization,
                             const std::optional<Organization>& lead) {
  if (organization.consortium.is_nil()) return absl::OkStatus();
  if (organization.consortium == organization.id) return absl::OkStatus();
  if (!lead || lead->id != organization.consortium || lead->consortium != lead->id) {
    return errors::OrganizationOutside(organization.consortium);
  }
  return absl::OkStatus();
}

}  // namespace yilian::directory
