-- People who treat patients, and where. A practitioner's name is public within the region: it stands on every letter.
CREATE TABLE practitioner (
  practitioner_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NULL,
  name VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  title VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  expert TINYINT NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (practitioner_id),
  KEY ix_practitioner__organization (organization_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
