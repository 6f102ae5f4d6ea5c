#include "services/consultation/store/mysql_signing_keys.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/es256.h"
#include "common/mysql/transaction.h"
#include "services/consultation/store/queries.h"

namespace yilian::consultation {
namespace {

constexpr std::string_view kColumn = "signing_key.private_key";

class LoadedKey : public SigningKey {
 public:
  LoadedKey(crypto::Es256PrivateKey key, std::string key_id, std::string public_key)
      : key_(std::move(key)), key_id_(std::move(key_id)), public_key_(std::move(public_key)) {}
  absl::StatusOr<std::string> Sign(std::string_view bytes) const override {
    return key_.Sign(bytes);
  }
  const std::string& key_id() const override { return key_id_; }
  const std::string& public_key() const override { return public_key_; }

 private:
  const crypto::Es256PrivateKey key_;
  const std::string key_id_;
  const std::string public_key_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const SigningKey>> MysqlSigningKeys::KeyOf(
    PractitionerId practitioner, absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = loaded_.find(practitioner); found != loaded_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const SigningKey> key, Load(practitioner, deadline));
  if (key == nullptr) {
    RETURN_IF_ERROR(Make(practitioner, deadline));
    ASSIGN_OR_RETURN(key, Load(practitioner, deadline));
    if (key == nullptr) return absl::InternalError("a signing key that was just made is not there");
  }
  absl::MutexLock lock(&mutex_);
  return loaded_.try_emplace(practitioner, std::move(key)).first->second;
}

absl::StatusOr<std::shared_ptr<const SigningKey>> MysqlSigningKeys::Load(
    PractitionerId practitioner, absl::Time deadline) {
  struct Stored {
    std::string key_id;
    std::string private_key;
    std::string public_key;
  };
  std::optional<Stored> stored;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(stored, session.SelectOne<Stored>(
                                 queries::kGetKey,
                                 [](const mysql::Row& row) -> absl::StatusOr<Stored> {
                                   return Stored{row.Id(0).ToString(), row.Bytes(1), row.Text(2)};
                                 },
                                 practitioner));
    return absl::OkStatus();
  }));
  if (!stored) return std::shared_ptr<const SigningKey>();
  ASSIGN_OR_RETURN(
      const std::string pem,
      cipher_.Decrypt({.column = kColumn, .row_id = practitioner.uuid()}, stored->private_key));
  ASSIGN_OR_RETURN(crypto::Es256PrivateKey key, crypto::Es256PrivateKey::FromPem(pem));
  return std::make_shared<const LoadedKey>(std::move(key), stored->key_id, stored->public_key);
}

absl::Status MysqlSigningKeys::Make(PractitionerId practitioner, absl::Time deadline) {
  ASSIGN_OR_RETURN(const crypto::Es256PrivateKey key, crypto::Es256PrivateKey::Generate());
  ASSIGN_OR_RETURN(const std::string private_pem, key.PrivatePem());
  ASSIGN_OR_RETURN(const std::string public_pem, key.PublicPem());
  ASSIGN_OR_RETURN(
      std::string sealed,
      cipher_.Encrypt({.column = kColumn, .row_id = practitioner.uuid()}, private_pem));
  const base::Uuid key_id = base::Uuid::V7();
  const absl::Status made = mysql::RunTransaction(
      pool_, {.name = "consultation.MakeKey", .deadline = deadline}, [&](mysql::Session& session) {
        return session
            .Execute(queries::kInsertKey, practitioner, key_id, mysql::Blob{sealed}, public_pem,
                     absl::Now())
            .status();
      });
  // Another replica was faster: its key is the one.
  return absl::IsAlreadyExists(made) ? absl::OkStatus() : made;
}

}  // namespace yilian::consultation
