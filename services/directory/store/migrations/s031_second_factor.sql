-- Secrets of authenticator applications, sealed per field (common/crypto/field_cipher.h). secret_cipher NULL: none counts
-- yet; pending_cipher: waits for its confirmation since pending_since. last_step: of the last code that was taken.
-- recovery_used: bit n, recovery code n was used.
CREATE TABLE second_factor (
  user_id BINARY(16) NOT NULL,
  secret_cipher VARBINARY(200) NULL,
  last_step BIGINT NOT NULL,
  recovery_used INT NOT NULL,
  pending_cipher VARBINARY(200) NULL,
  pending_since DATETIME(6) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (user_id)
) ENGINE = InnoDB
