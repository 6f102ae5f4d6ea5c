#include "services/referral/rpc/worklist.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/wire/page_key.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

constexpr std::string_view kPurpose = "referral.page.ListReferrals";
constexpr int kDefaultPage = 50;

}  // namespace

WorklistPages::WorklistPages(const crypto::Sealer& sealer, const rpc::Caller& caller,
                             const v1::ListReferralsRequest& request)
    : sealer_(sealer),
      caller_(caller),
      request_(request),
      bound_to_(fmt::format("{} {} {}", caller.LedgerName(), caller.organization_id.ToString(),
                            static_cast<int>(request.worklist()))) {}

absl::StatusOr<WorklistQuery> WorklistPages::Query() const {
  WorklistQuery query;
  query.organization = OrganizationId(caller_.organization_id);
  query.limit = request_.page().page_size() > 0 ? request_.page().page_size() : kDefaultPage;
  switch (request_.worklist()) {
    case v1::WORKLIST_TO_TRIAGE:
      query.state = State::kSubmitted;
      break;
    case v1::WORKLIST_RETURNED:
      query.side = Side::kReferring;
      query.state = State::kReturned;
      break;
    case v1::WORKLIST_AWAITING_BOOKING:
      query.state = State::kAccepted;
      break;
    case v1::WORKLIST_SENT:
      query.side = Side::kReferring;
      break;
    default:
      break;
  }
  if (request_.page().page_token().empty()) return query;
  ASSIGN_OR_RETURN(const std::string key,
                   sealer_.Unseal(kPurpose, bound_to_, request_.page().page_token()));
  const auto parts = wire::ParsePageKey(key);
  if (!parts) return errors::FieldInvalid({{"page.page_token", "is one that this method gave"}});
  query.after_time = parts->time;
  query.after_id = ReferralId(parts->id);
  return query;
}

absl::StatusOr<std::string> WorklistPages::NextToken(const WorklistQuery& query,
                                                     const std::vector<Referral>& page) const {
  if (static_cast<int>(page.size()) < query.limit) return std::string();
  return sealer_.Seal(
      kPurpose, bound_to_,
      wire::MakePageKey({.time = page.back().worklist_time(), .id = page.back().id.uuid()}));
}

}  // namespace yilian::referral
