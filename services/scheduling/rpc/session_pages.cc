#include "services/scheduling/rpc/session_pages.h"

#include <algorithm>
#include <charconv>

#include "common/base/status_macros.h"

namespace yilian::scheduling {
namespace {

constexpr std::string_view kPurpose = "scheduling.page.SearchSessions";
constexpr int kDefaultPage = 50;
// "<microseconds> <session id>".
constexpr size_t kIdLength = 36;

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
  // Sealed here: what follows cannot fail but by a change of format between two releases.
  int64_t micros = 0;
  if (text.size() > kIdLength) std::from_chars(text.data(), text.data() + text.size(), micros);
  after.starts_at = absl::FromUnixMicros(micros);
  ASSIGN_OR_RETURN(after.session,
                   SessionId::Parse(text.substr(text.size() - std::min(text.size(), kIdLength))));
  return after;
}

absl::StatusOr<std::string> SessionPages::NextToken(const SessionPage& page) const {
  if (!page.more) return std::string();
  return sealer_.Seal(
      kPurpose, bound_to_,
      std::to_string(absl::ToUnixMicros(page.last.starts_at)) + ' ' + page.last.session.ToString());
}

}  // namespace yilian::scheduling
