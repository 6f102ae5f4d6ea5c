-- Which codes are of a sensitive class, and how far the stored reports have followed the last change.
CREATE TABLE sensitive_code (
  code_id BINARY(16) NOT NULL,
  code_system VARCHAR(32) NOT NULL COMMENT 'LN for LOINC, else as senders write it',
  code VARCHAR(64) NOT NULL,
  class TINYINT NULL COMMENT 'NULL: of none any more',
  version BIGINT NOT NULL,
  run_report_id BINARY(16) NOT NULL COMMENT 'the last report that the walk has passed',
  run_seen BIGINT NOT NULL,
  run_changed BIGINT NOT NULL,
  run_finished_at DATETIME(6) NULL,
  PRIMARY KEY (code_id),
  UNIQUE KEY uq_sensitive_code__code (code_system, code)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
