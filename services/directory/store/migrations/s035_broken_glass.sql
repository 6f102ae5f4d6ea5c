-- Emergency accesses: while now is before ends_at, user_id may read the patient's data. The words are sealed per field.
-- reviewed: 1 when a verdict is there; with review_due_at the reviewers' worklist.
CREATE TABLE broken_glass (
  broken_glass_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  reason VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  explanation_cipher VARBINARY(2100) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  review_due_at DATETIME(6) NOT NULL,
  escalated_at DATETIME(6) NULL,
  reviewed TINYINT NOT NULL,
  verdict VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NULL,
  review_comment_cipher VARBINARY(2100) NULL,
  reviewer_id BINARY(16) NULL,
  reviewed_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (broken_glass_id),
  KEY ix_broken_glass__reader (patient_id, user_id, ends_at),
  KEY ix_broken_glass__worklist (reviewed, review_due_at, broken_glass_id),
  KEY ix_broken_glass__due (review_due_at, broken_glass_id)
) ENGINE = InnoDB
