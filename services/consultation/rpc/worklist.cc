#include "services/consultation/rpc/worklist.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/wire/page_key.h"
#include "services/consultation/domain/errors.h"

namespace yilian::consultation {
namespace {

constexpr std::string_view kPurpose = "consultation.page.ListConsultations";
constexpr int kDefaultPage = 50;

}  // namespace

WorklistPages::WorklistPages(const crypto::Sealer& sealer, const rpc::Caller& caller,
                             const v1::ListConsultationsRequest& request)
    : sealer_(sealer),
      caller_(caller),
      request_(request),
      bound_to_(fmt::format("{} {} {}", caller.LedgerName(), caller.organization_id.ToString(),
                            static_cast<int>(request.worklist()))) {}

absl::StatusOr<WorklistQuery> WorklistPages::Query() const {
  WorklistQuery query;
  query.worklist = static_cast<Worklist>(request_.worklist());
  query.organization = OrganizationId(caller_.organization_id);
  query.practitioner = PractitionerId(caller_.practitioner_id);
  query.limit = request_.page().page_size() > 0 ? request_.page().page_size() : kDefaultPage;
  if (request_.page().page_token().empty()) return query;
  ASSIGN_OR_RETURN(const std::string key,
                   sealer_.Unseal(kPurpose, bound_to_, request_.page().page_token()));
  const auto parts = wire::ParsePageKey(key);
  if (!parts) return errors::FieldInvalid({{"page.page_token", "is one that this method gave"}});
  query.after_rank = parts->rank;
  query.after_time = parts->time;
  query.after_id = ConsultationId(parts->id);
  return query;
}

absl::StatusOr<std::string> WorklistPages::NextToken(const WorklistQuery& query,
                                                     const std::vector<Consultation>& page) const {
  if (static_cast<int>(page.size()) < query.limit) return std::string();
  const Consultation& last = page.back();
  return sealer_.Seal(
      kPurpose, bound_to_,
      wire::MakePageKey(
          {.rank = last.worklist_rank(), .time = last.worklist_time(), .id = last.id.uuid()}));
}

}  // namespace yilian::consultation
