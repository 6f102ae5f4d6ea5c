-- Records that were merged into others: a hold for the old id is a hold for the survivor.
CREATE TABLE merged_patient (
  patient_id BINARY(16) NOT NULL,
  survivor_id BINARY(16) NOT NULL,
  merged_at DATETIME(6) NOT NULL,
  PRIMARY KEY (patient_id),
  KEY ix_merged_patient__survivor_id (survivor_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
