-- What the directory's events said of organizations: tier (its proto's number) and consortium decide about reserves.
CREATE TABLE organization (
  organization_id BINARY(16) NOT NULL,
  tier INT NOT NULL,
  consortium_id BINARY(16) NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (organization_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
