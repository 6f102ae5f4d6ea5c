-- From receiver to receiver: the history of a redirected referral.
CREATE TABLE redirection (
  referral_id BINARY(16) NOT NULL,
  ordinal INT NOT NULL,
  from_organization_id BINARY(16) NOT NULL,
  from_department_id BINARY(16) NULL,
  to_organization_id BINARY(16) NOT NULL,
  to_department_id BINARY(16) NULL,
  reason TINYINT NOT NULL,
  comment TEXT NOT NULL,
  practitioner_id BINARY(16) NULL,
  redirected_at DATETIME(6) NOT NULL,
  PRIMARY KEY (referral_id, ordinal)
) DEFAULT CHARSET=utf8mb4
