-- Pairs of records that may be one person, for somebody to decide; a pair stands here once, for ever, so that what was
-- decided never comes again. low_patient_id is the lower of the two ids. agreements: field=agreement by name, without
-- values. due_at: since when it waits, or until when it was put off.
CREATE TABLE match_review (
  review_id BINARY(16) NOT NULL,
  low_patient_id BINARY(16) NOT NULL,
  high_patient_id BINARY(16) NOT NULL,
  decibits INT NOT NULL,
  agreements VARCHAR(400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_at DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  decided_at DATETIME(6) NULL,
  decided_by BINARY(16) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (review_id),
  UNIQUE KEY uq_match_review__pair (low_patient_id, high_patient_id),
  KEY ix_match_review__high (high_patient_id),
  KEY ix_match_review__state_due (state, due_at, review_id)
) ENGINE = InnoDB
