-- When an account, or its affiliation with an organization, ends or ended: what its person left behind ends with it.
-- affiliation_id nil: the account as a whole, whatever the organization.
CREATE TABLE account_end (
  user_id BINARY(16) NOT NULL,
  affiliation_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NULL,
  ends_at DATETIME(6) NOT NULL,
  PRIMARY KEY (user_id, affiliation_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
