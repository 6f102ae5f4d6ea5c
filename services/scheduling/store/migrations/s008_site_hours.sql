-- When a site is open, by its wall clock: weekday 0 is Monday; an end at or before the start is of the next day.
CREATE TABLE site_hours (
  site_id BINARY(16) NOT NULL,
  weekday TINYINT NOT NULL,
  start_minute SMALLINT NOT NULL,
  end_minute SMALLINT NOT NULL,
  PRIMARY KEY (site_id, weekday, start_minute)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
