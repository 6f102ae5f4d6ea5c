-- The clock of an organization as a place where sessions take place; one without a row has the region's time zone and is
-- always open.
CREATE TABLE site (
  site_id BINARY(16) NOT NULL,
  time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (site_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
