-- Who read what was corrected or withdrawn later, and whether they know.
CREATE TABLE correction_notice (
  notice_id BINARY(16) NOT NULL COMMENT 'made of report, version and reader',
  kind TINYINT NOT NULL,
  report_id BINARY(16) NOT NULL,
  report_version INT NOT NULL COMMENT 'the one that took the place of what was read',
  patient_id BINARY(16) NOT NULL COMMENT 'of the version that was read',
  performing_organization_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL COMMENT 'of the reader',
  user_id BINARY(16) NOT NULL COMMENT 'nil: a system of the organization',
  read_at DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  tier TINYINT NOT NULL,
  due_at DATETIME(6) NULL,
  acknowledged_at DATETIME(6) NULL,
  acknowledged_by BINARY(16) NULL COMMENT 'the account; nil: a system',
  is_open TINYINT GENERATED ALWAYS AS (CASE
    WHEN acknowledged_at IS NULL THEN 1
    ELSE 0 END) STORED COMMENT 'somebody has to acknowledge it still',
  version BIGINT NOT NULL,
  PRIMARY KEY (notice_id),
  KEY ix_correction_notice__reader (organization_id, user_id, is_open, created_at, notice_id),
  KEY ix_correction_notice__organization (organization_id, is_open, created_at, notice_id),
  KEY ix_correction_notice__performing (performing_organization_id, is_open, created_at, notice_id),
  KEY ix_correction_notice__patient (patient_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
