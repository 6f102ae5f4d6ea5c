-- Events whose effect failed for good, until somebody has them tried again (requeued = 1) and they succeed.
CREATE TABLE dead_letter (
  consumer VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position BIGINT NOT NULL,
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event_id BINARY(16) NOT NULL,
  type VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event MEDIUMBLOB NOT NULL,
  reason VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts INT NOT NULL,
  requeued TINYINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (consumer, position)
) ENGINE = InnoDB
