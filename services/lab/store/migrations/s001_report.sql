CREATE TABLE report (
  report_id BINARY(16) NOT NULL,
  performing_organization_id BINARY(16) NOT NULL,
  filler_order_number VARCHAR(199) NOT NULL,
  code_system VARCHAR(32) NOT NULL,
  code VARCHAR(64) NOT NULL,
  patient_id BINARY(16) NOT NULL COMMENT 'of the current version',
  ordering_organization_id BINARY(16) NOT NULL,
  current_version INT NOT NULL COMMENT 'the one that readers see',
  last_version INT NOT NULL COMMENT 'the highest number given',
  issued_at DATETIME(6) NOT NULL COMMENT 'of the current version',
  PRIMARY KEY (report_id),
  UNIQUE KEY uq_report__order (performing_organization_id, filler_order_number, code_system, code),
  KEY ix_report__patient (patient_id, issued_at, report_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
