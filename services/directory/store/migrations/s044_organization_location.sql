-- Where organizations are, in millionths of a degree (WGS 84).
CREATE TABLE organization_location (
  organization_id BINARY(16) NOT NULL,
  longitude_e6 INT NOT NULL,
  latitude_e6 INT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (organization_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
