-- What a person is in which organization, over time. The first one of an account has the account's id; an account of an
-- earlier release has none here and is what user_account says of it. roles: as there. ends_at NULL: open. That two of one
-- person with one organization do not overlap is checked with the account's row locked.
CREATE TABLE user_affiliation (
  affiliation_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  roles VARCHAR(400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  started_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (affiliation_id),
  KEY ix_user_affiliation__user (user_id, started_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
