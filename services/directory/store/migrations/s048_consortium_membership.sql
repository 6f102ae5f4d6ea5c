-- Which consortium organizations belonged to, and when; ended_at NULL: it lasts. organization.consortium_id is the one that
-- lasts. lead_id is the organization itself for a lead.
CREATE TABLE consortium_membership (
  organization_id BINARY(16) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  lead_id BINARY(16) NOT NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (organization_id, started_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
