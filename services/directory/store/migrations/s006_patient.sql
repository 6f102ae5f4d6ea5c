-- Patients. name_cipher and phone_cipher are sealed per field (common/crypto/field_cipher.h). merged_into is NULL while
-- the record is live and always names a live record.
CREATE TABLE patient (
  patient_id BINARY(16) NOT NULL,
  name_cipher VARBINARY(600) NOT NULL,
  sex VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  birth_date DATE NULL,
  phone_cipher VARBINARY(300) NULL,
  merged_into BINARY(16) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (patient_id),
  KEY ix_patient__merged_into (merged_into)
) ENGINE = InnoDB
