-- Who did what to whose record. `position` and `chain_hash` are NULL until the chainer has linked the row (common/audit/chain.h).
-- audit_id is a version 7 UUID: new rows land at the end of the clustered index.
CREATE TABLE audit_entry (
  audit_id BINARY(16) NOT NULL,
  occurred_at DATETIME(6) NOT NULL,
  method VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  action VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  peer VARBINARY(255) NOT NULL,
  user_id BINARY(16) NULL,
  organization_id BINARY(16) NULL,
  subject_type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id BINARY(16) NULL,
  data_subject_id BINARY(16) NULL,
  outcome VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  trace_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position BIGINT NULL,
  chain_hash BINARY(32) NULL,
  PRIMARY KEY (audit_id),
  UNIQUE KEY uq_audit_entry__position (position),
  KEY ix_audit_entry__data_subject (data_subject_id, occurred_at)
) ENGINE = InnoDB
