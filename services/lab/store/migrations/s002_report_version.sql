CREATE TABLE report_version (
  report_id BINARY(16) NOT NULL,
  version INT NOT NULL,
  patient_id BINARY(16) NOT NULL,
  ordering_organization_id BINARY(16) NOT NULL,
  placer_order_number VARCHAR(199) NOT NULL,
  code_display VARCHAR(256) NOT NULL,
  status TINYINT NOT NULL,
  issued_at DATETIME(6) NOT NULL,
  received_at DATETIME(6) NOT NULL,
  source_message_id BINARY(16) NULL,
  PRIMARY KEY (report_id, version)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
