#include "common/wire/pages.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/status/error.h"

namespace yilian::wire {
namespace {

constexpr int kDefaultPage = 50;  // as the comment of PageRequest.page_size says

absl::Status NotThisToken() {
  return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "SEALED_TOKEN_INVALID")
      .Message("the page token was not issued to this caller for this query: begin anew without it")
      .Chinese("翻页标记不属于本次查询，请从第一页重新查询")
      .Field("page.page_token", "is the next_page_token of the same query by the same caller");
}

}  // namespace

Pages::Pages(const crypto::Sealer& sealer, const rpc::Call& call, const type::v1::PageRequest& page,
             const std::string& query)
    : sealer_(sealer),
      purpose_(fmt::format("page {}", call.method())),
      // The two ids hold no blank, so that no two callers and queries are bound to one text.
      bound_to_(fmt::format("{} {} {}", call.caller().LedgerName(),
                            call.caller().organization_id.ToString(), query)),
      token_(page.page_token()),
      limit_(page.page_size() > 0 ? page.page_size() : kDefaultPage) {}

absl::StatusOr<std::optional<std::string>> Pages::AfterText() const {
  if (token_.empty()) return std::optional<std::string>();
  absl::StatusOr<std::string> text = sealer_.Unseal(purpose_, bound_to_, token_);
  if (!text.ok()) return NotThisToken();
  return std::optional<std::string>(*std::move(text));
}

absl::StatusOr<std::optional<PageKey>> Pages::After() const {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, AfterText());
  if (!text) return std::optional<PageKey>();
  std::optional<PageKey> key = ParsePageKey(*text);
  // Sealed here and yet no key: a token of another release.
  if (!key) return NotThisToken();
  return key;
}

absl::StatusOr<std::string> Pages::TokenAfterText(const std::string& last) const {
  return sealer_.Seal(purpose_, bound_to_, last);
}

absl::StatusOr<std::string> Pages::TokenAfter(const PageKey& last) const {
  return TokenAfterText(MakePageKey(last));
}

}  // namespace yilian::wire
