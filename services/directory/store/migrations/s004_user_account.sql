-- Accounts of people. Tokens issued before not_before are refused; NULL: never revoked (the frame asks user_revocation,
-- which is pruned; this column keeps the last revocation for good). roles: names of yilian.policy.v1.Role with commas
-- between.
CREATE TABLE user_account (
  user_id BINARY(16) NOT NULL,
  user_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  display_name VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  roles VARCHAR(400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  disabled TINYINT NOT NULL,
  not_before DATETIME(6) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (user_id),
  UNIQUE KEY uq_user_account__user_name (user_name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
