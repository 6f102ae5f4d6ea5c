-- A date that is not as its template says, for as long as that is so. session_id: the template's own that stays;
-- blocking_session_id: what is in the way.
CREATE TABLE template_conflict (
  template_id BINARY(16) NOT NULL,
  session_date DATE NOT NULL,
  organization_id BINARY(16) NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  session_id BINARY(16) NULL,
  blocking_session_id BINARY(16) NULL,
  found_at DATETIME(6) NOT NULL,
  PRIMARY KEY (template_id, session_date),
  KEY ix_template_conflict__organization_id_session_date (organization_id, session_date, template_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
