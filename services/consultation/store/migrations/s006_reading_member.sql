-- Who reads at a centre, and whether they work. duty_practitioner_id is the practitioner while they are on duty or pause: one
-- reader is on duty at one centre.
CREATE TABLE reading_member (
  centre_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  kinds VARCHAR(32) CHARACTER SET ascii NOT NULL,
  specialties TEXT CHARACTER SET ascii NOT NULL COMMENT 'separated by blanks; empty: all',
  may_sign BOOLEAN NOT NULL,
  shifts TEXT CHARACTER SET ascii NOT NULL,
  duty TINYINT NOT NULL COMMENT '1 off, 2 on, 3 paused; off after duty_until',
  duty_since DATETIME(6) NULL,
  duty_until DATETIME(6) NULL,
  duty_practitioner_id BINARY(16) GENERATED ALWAYS AS (CASE WHEN duty IN (2, 3) THEN practitioner_id END) STORED,
  last_given_at DATETIME(6) NULL COMMENT 'when the centre last assigned them a study',
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (centre_id, practitioner_id),
  UNIQUE KEY uq_reading_member__duty (duty_practitioner_id),
  KEY ix_reading_member__on_duty (centre_id, duty, duty_until)
) DEFAULT CHARSET=utf8mb4
