-- Durable timers. due_at is what was asked for; try_at is when the next attempt may run (later than due_at after a failure).
CREATE TABLE timer (
  kind VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  aggregate_id BINARY(16) NOT NULL,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_at DATETIME(6) NOT NULL,
  try_at DATETIME(6) NOT NULL,
  attempt INT NOT NULL,
  payload MEDIUMBLOB NOT NULL,
  last_error VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (kind, aggregate_id, name),
  KEY ix_timer__try_at (try_at)
) ENGINE = InnoDB
