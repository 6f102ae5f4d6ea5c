#include "services/scheduling/rpc/session_pages.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/wire/page_key.h"

namespace yilian::scheduling {
namespace {

constexpr std::string_view kPurpose = "scheduling.page.SearchSessions";
constexpr int kDefaultPage = 50;

}  // namespace

SessionPages::SessionPages(const crypto::Sealer& sealer, const rpc::Caller& caller,
                           const v1::SearchSessionsRequest& request)
    : sealer_(sealer), request_(request) {
  v1::SearchSessionsRequest query = request;
  query.clear_page();
  bound_to_ = caller.LedgerName() + '\n' + query.SerializeAsString();
}

int SessionPages::limit() const {
  const int asked = request_.page().page_size();
  return asked == 0 ? kDefaultPage : asked;
}

absl::StatusOr<SessionPosition> SessionPages::After() const {
  SessionPosition after{absl::UnixEpoch(), SessionId()};
  if (request_.page().page_token().empty()) return after;
  ASSIGN_OR_RETURN(const std::string text,
                   sealer_.Unseal(kPurpose, bound_to_, request_.page().page_token()));
  // Sealed here: what does not parse is a token of another release, and its search starts anew.
  const std::optional<wire::PageKey> key = wire::ParsePageKey(text);
  if (!key) return after;
  return SessionPosition{key->time, SessionId(key->id)};
}

absl::StatusOr<std::string> SessionPages::NextToken(const SessionPage& page) const {
  if (!page.more) return std::string();
  return sealer_.Seal(
      kPurpose, bound_to_,
      wire::MakePageKey({.time = page.last.starts_at, .id = page.last.session.uuid()}));
}

}  // namespace yilian::scheduling
