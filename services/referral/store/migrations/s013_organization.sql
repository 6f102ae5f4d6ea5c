-- What the directory's events said of organizations: tier is its proto's number. For the health authority of the region.
CREATE TABLE organization (
  organization_id BINARY(16) NOT NULL,
  tier TINYINT NOT NULL,
  PRIMARY KEY (organization_id),
  KEY ix_organization__tier (tier, organization_id)
) DEFAULT CHARSET=utf8mb4
