-- An address of a calendar. secret_digest is keyed: who reads the table cannot ask for the calendar. own: an expert's, with the
-- sessions at every organization. Either practitioner_id or site_id.
CREATE TABLE calendar_link (
  link_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  site_id BINARY(16) NULL,
  own TINYINT NOT NULL,
  secret_digest BINARY(16) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (link_id),
  UNIQUE KEY uq_calendar_link__secret_digest (secret_digest),
  KEY ix_calendar_link__organization_id (organization_id, link_id),
  KEY ix_calendar_link__user_id (user_id, link_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
