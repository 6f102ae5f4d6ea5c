-- Whose time is being spoken for: a row to lock before looking for overlaps, since no lock is taken on rows that are not
-- there yet. kind PATIENT or EXPERT.
CREATE TABLE booking_guard (
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id BINARY(16) NOT NULL,
  turn BIGINT NOT NULL,
  PRIMARY KEY (kind, subject_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
