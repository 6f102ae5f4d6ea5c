-- What people call organizations, departments and practitioners, as the directory's events told: for calendars. No patients.
CREATE TABLE directory_name (
  subject_id BINARY(16) NOT NULL,
  name VARCHAR(256) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (subject_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
