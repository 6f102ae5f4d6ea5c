-- Outcomes by request id. caller_hash is SHA-256 of the caller's name: two callers may use the same request id.
CREATE TABLE idempotency_ledger (
  caller_hash BINARY(32) NOT NULL,
  request_id BINARY(16) NOT NULL,
  request_hash BINARY(32) NOT NULL,
  method VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  response MEDIUMBLOB NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (caller_hash, request_id),
  KEY ix_idempotency_ledger__created_at (created_at)
) ENGINE = InnoDB
