-- One row: where numbering goes on, and which replica numbers while its lease lasts.
CREATE TABLE outbox_sequencer (
  sequencer_id INT NOT NULL,
  next_position BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  holder BINARY(16) NOT NULL,
  lease_until DATETIME(6) NOT NULL,
  PRIMARY KEY (sequencer_id)
) ENGINE = InnoDB
