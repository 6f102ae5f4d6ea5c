-- Which organizations may read a patient's sensitive reports that they neither ordered nor performed.
CREATE TABLE sensitive_grant (
  grant_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  classes INT UNSIGNED NOT NULL COMMENT 'one bit each',
  granted_by_organization_id BINARY(16) NOT NULL,
  granted_by_practitioner_id BINARY(16) NULL COMMENT 'NULL: a system',
  granted_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL,
  PRIMARY KEY (grant_id),
  KEY ix_sensitive_grant__patient (patient_id, organization_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
