#include "common/service/revocations.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::service {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);
// Longer than any token lives (crypto::JwtVerifier refuses more than a day): older rows stop
// nothing any more.
constexpr absl::Duration kLongestToken = absl::Hours(25);

// Index: primary key.
constexpr mysql::Query kWrite{"service.WriteRevocation",
                              "INSERT INTO user_revocation (user_id, not_before) VALUES (?, ?) ON "
                              "DUPLICATE KEY UPDATE not_before = "
                              "GREATEST(not_before, VALUES(not_before))"};
// Index: ix_user_revocation__not_before.
constexpr mysql::Query kRead{
    "service.ReadRevocations",
    "SELECT user_id, not_before FROM user_revocation WHERE not_before > ?"};

}  // namespace

absl::Status WriteRevocation(mysql::Session& session, const base::Uuid& user,
                             absl::Time not_before) {
  return session.Execute(kWrite, user, not_before).status();
}

absl::Status ApplyRevocation(mysql::Session& session, const event::v1::Event& event) {
  directory::v1::UserRevoked revoked;
  if (!event.payload().UnpackTo(&revoked)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const base::Uuid user, base::Uuid::Parse(revoked.user_id()));
  return WriteRevocation(session, user,
                         absl::FromUnixSeconds(revoked.not_before().seconds()) +
                             absl::Nanoseconds(revoked.not_before().nanos()));
}

RevocationReader::RevocationReader(mysql::Pool& pool, rpc::RevocationList& list)
    : pool_(pool), list_(list), repeated_(kInterval, [this](const auto&) {
        // A database that cannot be read fails the health check as well; the list stays as it was.
        ReadNow().IgnoreError();
      }) {}

absl::Status RevocationReader::ReadNow() {
  absl::flat_hash_map<base::Uuid, absl::Time> found;
  RETURN_IF_ERROR(
      mysql::RunRead(pool_, absl::Now() + absl::Seconds(5), [&](mysql::Session& session) {
        return session.SelectValues(kRead, {absl::Now() - kLongestToken},
                                    [&](const mysql::Row& row) {
                                      found[row.Id(0)] = row.Time(1);
                                      return absl::OkStatus();
                                    });
      }));
  list_.Load(std::move(found));
  return absl::OkStatus();
}

}  // namespace yilian::service
