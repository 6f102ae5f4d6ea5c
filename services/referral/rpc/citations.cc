#include "services/referral/rpc/citations.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/base/uuid.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

bool IsReport(const Citation& citation) {
  return citation.kind == CitationKind::kLabReport && base::Uuid::Parse(citation.id).ok();
}

bool CannotBeAsked(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace

absl::StatusOr<bool> CheckCited(CitedReports& reports, const rpc::Call& call,
                                const Citing& citing) {
  std::vector<std::string> cited;
  for (const Citation& citation : citing.citations) {
    if (IsReport(citation)) cited.push_back(citation.id);
  }
  if (cited.empty()) return false;
  const auto unknown = reports.Unknown(OrganizationId(call.caller().organization_id),
                                       citing.patient, cited, call.deadline());
  if (CannotBeAsked(unknown.status())) {
    if (citing.channel == Channel::kGreen || citing.urgency == Urgency::kEmergency) return true;
    return errors::CitationsUnchecked();
  }
  if (!unknown.ok()) return unknown.status();
  errors::Violations violations;
  for (size_t i = 0; i < citing.citations.size(); ++i) {
    const Citation& citation = citing.citations[i];
    if (!IsReport(citation)) continue;
    if (std::find(unknown->begin(), unknown->end(), citation.id) == unknown->end()) continue;
    violations.emplace_back(fmt::format("citations[{}].id", i),
                            "is a laboratory report on this patient that your organization may "
                            "see; leave it out or cite another");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  return false;
}

}  // namespace yilian::referral
