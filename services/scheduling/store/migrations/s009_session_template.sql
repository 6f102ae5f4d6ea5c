-- Sessions that come every week. weekdays: bits, Monday is 1; minutes by the site's wall clock, an end at or before the start
-- is of the next day. effective_until NULL: no end.
CREATE TABLE session_template (
  template_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL,
  specialty VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  practitioner_id BINARY(16) NULL,
  site_id BINARY(16) NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  resource_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  resource_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  weekdays SMALLINT NOT NULL,
  start_minute SMALLINT NOT NULL,
  end_minute SMALLINT NOT NULL,
  seats INT NOT NULL,
  effective_from DATE NOT NULL,
  effective_until DATE NULL,
  on_holidays TINYINT NOT NULL,
  ended_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (template_id),
  KEY ix_session_template__organization_id (organization_id, template_id),
  KEY ix_session_template__practitioner_id (practitioner_id, template_id),
  KEY ix_session_template__site_id (site_id, template_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
