-- Work across services. due_at (the service's clock) is NULL once the saga has ended; lease_until (the database's clock)
-- is set while a runner holds the row; epoch grows with every claim; settled_epoch is the last claim that was written
-- back, which settles a COMMIT whose answer was lost.
CREATE TABLE saga (
  saga_id BINARY(16) NOT NULL,
  kind VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  aggregate_id BINARY(16) NOT NULL,
  step VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state MEDIUMBLOB NOT NULL,
  attempt INT NOT NULL,
  epoch BIGINT NOT NULL,
  settled_epoch BIGINT NOT NULL,
  due_at DATETIME(6) NULL,
  lease_until DATETIME(6) NULL,
  last_error VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  started_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (saga_id),
  KEY ix_saga__due_at (due_at),
  KEY ix_saga__aggregate_id (aggregate_id)
) ENGINE = InnoDB
