-- A live session. open_consultation_id is the consultation while the session is open: one of a consultation is.
CREATE TABLE live_session (
  live_session_id BINARY(16) NOT NULL,
  consultation_id BINARY(16) NOT NULL,
  opened_by_practitioner_id BINARY(16) NOT NULL,
  opened_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  open_consultation_id BINARY(16) GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN consultation_id END) STORED,
  last_number BIGINT NOT NULL COMMENT 'of the transcript; its row lock is what makes numbers gapless',
  PRIMARY KEY (live_session_id),
  UNIQUE KEY uq_live_session__open (open_consultation_id),
  KEY ix_live_session__consultation (consultation_id, opened_at)
) DEFAULT CHARSET=utf8mb4
