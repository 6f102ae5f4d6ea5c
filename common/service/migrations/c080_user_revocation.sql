CREATE TABLE user_revocation (
  user_id BINARY(16) NOT NULL,
  not_before DATETIME(6) NOT NULL,
  PRIMARY KEY (user_id),
  KEY ix_user_revocation__not_before (not_before)
) DEFAULT CHARSET=utf8mb4
