-- Who reads for others. Kinds are the proto's numbers, ascending, separated by blanks; hours are WEEKDAY:START-END, weekday 0 is
-- Monday, minutes of the centre's wall clock, separated by blanks.
CREATE TABLE reading_centre (
  centre_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  name VARCHAR(100) NOT NULL,
  kinds VARCHAR(32) CHARACTER SET ascii NOT NULL,
  time_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  duty_hours TEXT CHARACTER SET ascii NOT NULL COMMENT 'empty: always',
  receipt_minutes INT NOT NULL,
  opinion_minutes INT NOT NULL,
  parking_minutes INT NOT NULL,
  assignment TINYINT NOT NULL,
  most_in_hand INT NOT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (centre_id),
  KEY ix_reading_centre__organization (organization_id, centre_id)
) DEFAULT CHARSET=utf8mb4
