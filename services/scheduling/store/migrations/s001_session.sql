-- A block of time with numbered seats. released: 0 nothing, 1 organization reserves, 2 all. practitioner_id NULL: a device
-- or beds. The release times are fixed when the session is made, so that new configuration does not move promises.
CREATE TABLE session (
  session_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL,
  specialty VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  practitioner_id BINARY(16) NULL,
  site_id BINARY(16) NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  starts_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  seats INT NOT NULL,
  cancelled TINYINT NOT NULL,
  released TINYINT NOT NULL,
  organization_release_at DATETIME(6) NOT NULL,
  open_release_at DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (session_id),
  KEY ix_session__starts_at (starts_at, session_id),
  KEY ix_session__specialty_starts_at (specialty, starts_at, session_id),
  KEY ix_session__organization_id_starts_at (organization_id, starts_at, session_id),
  KEY ix_session__department_id_starts_at (department_id, starts_at, session_id),
  KEY ix_session__practitioner_id_starts_at (practitioner_id, starts_at, session_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
