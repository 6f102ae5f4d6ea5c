-- What happened in a live session; a row is never changed.
CREATE TABLE transcript_entry (
  live_session_id BINARY(16) NOT NULL,
  entry_number BIGINT NOT NULL COMMENT 'from 1, without gaps',
  kind TINYINT NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  moderator BOOLEAN NOT NULL,
  subject_practitioner_id BINARY(16) NULL,
  text TEXT NOT NULL,
  occurred_at DATETIME(6) NOT NULL,
  request_id BINARY(16) NULL,
  connection_id BINARY(16) NULL,
  replica_id BINARY(16) NULL,
  PRIMARY KEY (live_session_id, entry_number)
) DEFAULT CHARSET=utf8mb4
