-- What a certificate qualifies for, over time; valid_until is the last day, NULL: open. scopes: with a line feed between.
-- end_reason: empty where it ends by its date, or not. That two of one kind do not share a day is checked with the
-- practitioner's row locked.
CREATE TABLE practitioner_qualification (
  qualification_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  certificate_id BINARY(16) NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  scopes VARCHAR(310) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  valid_from DATE NOT NULL,
  valid_until DATE NULL,
  end_reason VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (qualification_id),
  KEY ix_practitioner_qualification__practitioner (practitioner_id, valid_from)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
