-- Professional titles over time: each is held until the next one.
CREATE TABLE practitioner_title (
  practitioner_id BINARY(16) NOT NULL,
  since DATE NOT NULL,
  title_code SMALLINT NOT NULL,
  PRIMARY KEY (practitioner_id, since)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
