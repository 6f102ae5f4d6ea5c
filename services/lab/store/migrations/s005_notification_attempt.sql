-- Every attempt to tell somebody of a critical value.
CREATE TABLE notification_attempt (
  critical_value_id BINARY(16) NOT NULL,
  critical_value_version BIGINT NOT NULL COMMENT 'the version that it made',
  attempted_at DATETIME(6) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL COMMENT 'NULL: a system',
  channel TINYINT NOT NULL,
  outcome TINYINT NOT NULL,
  PRIMARY KEY (critical_value_id, critical_value_version)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
