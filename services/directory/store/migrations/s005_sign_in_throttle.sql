-- Failed sign-ins by SHA-256 of the user name: names that do not exist are counted alike, and what people type there by
-- mistake (a password) is not stored. Rows go a day after the last failure.
CREATE TABLE sign_in_throttle (
  name_hash BINARY(32) NOT NULL,
  failures INT NOT NULL,
  last_failed_at DATETIME(6) NOT NULL,
  blocked_until DATETIME(6) NULL,
  PRIMARY KEY (name_hash),
  KEY ix_sign_in_throttle__last_failed_at (last_failed_at)
) ENGINE = InnoDB
