-- What was decided about an item for which a result may be recognized: once for each order and item.
CREATE TABLE recognition_decision (
  decision_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL COMMENT 'NULL: a system',
  loinc VARCHAR(16) NOT NULL,
  order_number VARCHAR(64) NOT NULL,
  report_id BINARY(16) NOT NULL,
  report_version INT NOT NULL,
  outcome TINYINT NOT NULL,
  reason TINYINT NOT NULL COMMENT '0: recognized',
  comment VARCHAR(500) NOT NULL,
  decided_at DATETIME(6) NOT NULL,
  saved_fen BIGINT NOT NULL,
  PRIMARY KEY (decision_id),
  UNIQUE KEY uq_recognition_decision__order (organization_id, order_number, loinc),
  KEY ix_recognition_decision__patient (patient_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
