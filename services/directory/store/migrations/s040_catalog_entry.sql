-- What a department offers. settings and channels: bit n for the value n of yilian.referral.v1.
CREATE TABLE catalog_entry (
  department_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  settings INT NOT NULL,
  channels INT NOT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (department_id),
  KEY ix_catalog_entry__organization (organization_id, department_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
