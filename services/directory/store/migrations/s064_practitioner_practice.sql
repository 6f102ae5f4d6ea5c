-- Where practitioners practise, over time. The first one of a practitioner has the practitioner's id; a practitioner whom an
-- earlier release added has none here and practises where practitioner says. ended_at NULL: open. That there is one main one
-- at a time is checked with the practitioner's row locked; practitioner.organization_id and department_id are its.
CREATE TABLE practitioner_practice (
  practice_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  started_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (practice_id),
  KEY ix_practitioner_practice__practitioner (practitioner_id, started_at),
  KEY ix_practitioner_practice__organization (organization_id, practitioner_id, started_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
