-- What patients are found by: one row an identifier, unique per issuer whoever inserts at the same time. value_index is
-- the blind index of the value, value_cipher the value. Identifiers move to the survivor of a merge.
CREATE TABLE patient_identifier (
  issuer VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value_index BINARY(16) NOT NULL,
  identifier_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  value_cipher VARBINARY(400) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (issuer, value_index),
  KEY ix_patient_identifier__patient_issuer (patient_id, issuer)
) ENGINE = InnoDB
