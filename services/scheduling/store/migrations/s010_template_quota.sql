-- Seats of a template's sessions that are kept for somebody; pool_organization_id is 16 zero bytes but for ORGANIZATION.
CREATE TABLE template_quota (
  template_id BINARY(16) NOT NULL,
  pool VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  pool_organization_id BINARY(16) NOT NULL,
  seats INT NOT NULL,
  PRIMARY KEY (template_id, pool, pool_organization_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
