-- Minutes on the way between two sites, as somebody gave them; they count for the way back too, unless that has a row. Removed
-- ones stay with NULL, so that versions go on.
CREATE TABLE travel_time (
  from_site_id BINARY(16) NOT NULL,
  to_site_id BINARY(16) NOT NULL,
  minutes INT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (from_site_id, to_site_id),
  KEY ix_travel_time__to_site_id (to_site_id, from_site_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
