-- The session that a visit of a published rota became, with the visit. A session that stays goes on to the rota that replaces
-- its own.
CREATE TABLE rota_session (
  session_id BINARY(16) NOT NULL,
  rota_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  station_id BINARY(16) NOT NULL,
  specialty VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  visit_day DATE NOT NULL,
  PRIMARY KEY (session_id),
  KEY ix_rota_session__rota_id (rota_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
