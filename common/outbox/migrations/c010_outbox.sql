-- Events on their way out. Column names follow the usual change-data-capture outbox convention. `position` is NULL until
-- the sequencer has seen the row committed; `outbox_id` only tells the order of insertion and must never be a cursor.
CREATE TABLE outbox (
  outbox_id BIGINT NOT NULL AUTO_INCREMENT,
  event_id BINARY(16) NOT NULL,
  aggregate_type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  aggregate_id BINARY(16) NOT NULL,
  aggregate_version BIGINT NOT NULL,
  type VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload MEDIUMBLOB NOT NULL,
  occurred_at DATETIME(6) NOT NULL,
  traceparent VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  audience VARBINARY(8192) NOT NULL,
  position BIGINT NULL,
  PRIMARY KEY (outbox_id),
  UNIQUE KEY uq_outbox__position (position)
) ENGINE = InnoDB
