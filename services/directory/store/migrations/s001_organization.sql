-- Organizations of the region. Names compare by their bytes, the same on every server. consortium_id is NULL outside any
-- consortium; a consortium's lead names itself.
CREATE TABLE organization (
  organization_id BINARY(16) NOT NULL,
  name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  tier VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consortium_id BINARY(16) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (organization_id),
  UNIQUE KEY uq_organization__name (name),
  KEY ix_organization__tier_name (tier, name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
