-- A date that is not like the week says; minutes NULL: no session.
CREATE TABLE template_exception (
  template_id BINARY(16) NOT NULL,
  session_date DATE NOT NULL,
  start_minute SMALLINT NULL,
  end_minute SMALLINT NULL,
  PRIMARY KEY (template_id, session_date)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
