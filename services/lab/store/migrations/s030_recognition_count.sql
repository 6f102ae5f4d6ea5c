-- Decisions counted with their transaction, so that a rate is a few rows whatever was decided.
CREATE TABLE recognition_count (
  organization_id BINARY(16) NOT NULL,
  month DATE NOT NULL COMMENT 'of China, its first day',
  loinc VARCHAR(16) NOT NULL,
  reason TINYINT NOT NULL COMMENT '0: recognized',
  decided BIGINT NOT NULL,
  saved_fen BIGINT NOT NULL,
  PRIMARY KEY (organization_id, month, loinc, reason)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
