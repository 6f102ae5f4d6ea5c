-- One row: the chain's head, and which replica links while its lease lasts.
CREATE TABLE audit_chain (
  chain_id INT NOT NULL,
  next_position BIGINT NOT NULL,
  head_hash BINARY(32) NOT NULL,
  epoch BIGINT NOT NULL,
  holder BINARY(16) NOT NULL,
  lease_until DATETIME(6) NOT NULL,
  PRIMARY KEY (chain_id)
) ENGINE = InnoDB
