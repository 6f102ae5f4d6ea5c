#include "common/idempotency/ledger.h"

#include <openssl/sha.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/status/error.h"

namespace yilian::idempotency {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

// Index: PRIMARY.
constexpr Query kRecord{
    "idempotency.Record",
    "INSERT INTO idempotency_ledger (caller_hash, request_id, request_hash, method, "
    "response, created_at) VALUES (?, ?, ?, ?, ?, ?)"};
constexpr Query kFind{"idempotency.Find",
                      "SELECT request_hash, method, response FROM idempotency_ledger "
                      "WHERE caller_hash = ? AND request_id = ?"};
// Index: ix_idempotency_ledger__created_at.
constexpr Query kPrune{
    "idempotency.Prune",
    "DELETE FROM idempotency_ledger WHERE created_at < ? ORDER BY created_at LIMIT ?"};

Blob CallerHash(const Key& key) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(key.caller.data()), key.caller.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return Blob{std::move(hash)};
}

bool SameRequest(const Key& key, const std::string& stored) {
  return stored == key.request_hash ||
         std::find(key.earlier_hashes.begin(), key.earlier_hashes.end(), stored) !=
             key.earlier_hashes.end();
}

struct Outcome {
  std::string request_hash;
  std::string method;
  std::string response;
};

}  // namespace

absl::Status Record(Session& session, const Key& key, const std::string& response, absl::Time now) {
  return session
      .Execute(kRecord, CallerHash(key), key.request_id, Blob{key.request_hash}, key.method,
               Blob{response}, now)
      .status();
}

absl::StatusOr<std::optional<std::string>> Find(Session& session, const Key& key,
                                                std::string_view domain) {
  ASSIGN_OR_RETURN(std::optional<Outcome> found,
                   session.SelectOne<Outcome>(
                       kFind,
                       [](const Row& row) {
                         return Outcome{row.Bytes(0), row.Text(1), row.Bytes(2)};
                       },
                       CallerHash(key), key.request_id));
  if (!found) return std::nullopt;
  if (SameRequest(key, found->request_hash) && found->method == key.method) {
    return std::move(found->response);
  }
  return status::Error(absl::StatusCode::kAlreadyExists, domain, "REQUEST_ID_REUSED")
      .Message("request_id was used for another request; a new request needs a new id")
      .Chinese("request_id 已用于另一请求；新请求须使用新的编号")
      .Meta("request_id", key.request_id.ToString())
      .Meta("first_method", found->method);
}

absl::StatusOr<int64_t> Prune(Session& session, absl::Time before, int limit) {
  return session.Execute(kPrune, before, limit);
}

}  // namespace yilian::idempotency
