-- Where an organization is, in millionths of a degree (WGS 84), as the directory's events told.
CREATE TABLE site_place (
  site_id BINARY(16) NOT NULL,
  longitude_e6 INT NOT NULL,
  latitude_e6 INT NOT NULL,
  PRIMARY KEY (site_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
