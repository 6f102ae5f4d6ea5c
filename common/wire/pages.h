// One page of a list: from the request's token to the key to read after, and to the next token.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/wire/page_key.h"
#include "yilian/type/v1/type.pb.h"

namespace yilian::wire {

// One call of a list method. A page follows the key of the last row of the page before (keyset), so
// rows that come and go between two pages are neither shown twice nor skipped. Its token is sealed
// to the method, the caller, the caller's organization and everything in the request but the page:
// whoever changes the query or takes a colleague's token begins anew. Lives inside the handler,
// which owns it; one thread.
//
//   const wire::Pages pages(deps_.sealer, call, request);
//   ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
//   ... read pages.rows() rows after `after` into `found` ...
//   ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
//                    pages.Cut(found, [](const Row& last) { return wire::PageKey{...}; }));
class Pages {
 public:
  template <typename Request>
  Pages(const crypto::Sealer& sealer, const rpc::Call& call, const Request& request)
      : Pages(sealer, call, request.page(), QueryOf(request)) {}

  // Rows that the page holds.
  int limit() const { return limit_; }
  // Rows to ask the store for: one more than the page, which tells whether there is a next one.
  int rows() const { return limit_ + 1; }

  // nullopt: the first page. INVALID_ARGUMENT (SEALED_TOKEN_INVALID) for a token that was not given
  // to this caller for this query.
  absl::StatusOr<std::optional<PageKey>> After() const;
  // For a list with a key of its own, as text.
  absl::StatusOr<std::optional<std::string>> AfterText() const;

  // The token of the page after `last`.
  absl::StatusOr<std::string> TokenAfter(const PageKey& last) const;
  absl::StatusOr<std::string> TokenAfterText(const std::string& last) const;

  // Cuts what was read down to the page; the next page's token, "" after the last. `key_of` gives a
  // row's PageKey, or its text.
  template <typename Row, typename KeyOf>
  absl::StatusOr<std::string> Cut(std::vector<Row>& found, const KeyOf& key_of) const {
    if (static_cast<int>(found.size()) <= limit_) return std::string();
    found.resize(static_cast<size_t>(limit_));
    if constexpr (std::is_convertible_v<decltype(key_of(found.back())), std::string>) {
      return TokenAfterText(key_of(found.back()));
    } else {
      return TokenAfter(key_of(found.back()));
    }
  }

 private:
  Pages(const crypto::Sealer& sealer, const rpc::Call& call, const type::v1::PageRequest& page,
        const std::string& query);

  template <typename Request>
  static std::string QueryOf(Request request) {
    request.clear_page();
    return request.SerializeAsString();
  }

  const crypto::Sealer& sealer_;
  const std::string purpose_;  // the method
  const std::string bound_to_;
  const std::string token_;
  const int limit_;
};

}  // namespace yilian::wire
