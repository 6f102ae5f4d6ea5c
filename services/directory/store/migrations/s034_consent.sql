-- What patients agreed to. organizations: 16 bytes each, one after the other; empty: every one of the region.
-- evidence_cipher is sealed per field. A merged record keeps its rows; they hold for the survivor.
CREATE TABLE consent (
  consent_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  purpose VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organizations VARBINARY(800) NOT NULL,
  starts_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NULL,
  evidence_cipher VARBINARY(900) NOT NULL,
  recorded_by BINARY(16) NOT NULL,
  recorded_by_user BINARY(16) NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (consent_id),
  KEY ix_consent__patient (patient_id, recorded_at, consent_id)
) ENGINE = InnoDB
