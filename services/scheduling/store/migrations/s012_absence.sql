-- When an expert is away from the sessions of one organization's templates. ends_at = starts_at: it was taken back.
CREATE TABLE absence (
  absence_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  starts_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (absence_id),
  KEY ix_absence__organization_id_practitioner_id_ends_at (organization_id, practitioner_id, ends_at, absence_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
