-- Who cares for whom: the authority. One row a reason (source and source_id); the other services keep a projection of it
-- (common/relationship) that is fed by events. ends_at NULL: open.
CREATE TABLE care_relationship (
  care_relationship_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  source VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source_id BINARY(16) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (care_relationship_id),
  UNIQUE KEY uq_care_relationship__reason (patient_id, organization_id, source, source_id),
  KEY ix_care_relationship__source (source_id, source)
) ENGINE = InnoDB
