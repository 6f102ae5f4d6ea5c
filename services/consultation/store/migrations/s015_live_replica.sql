-- Processes of the service that serve live sessions: a lease by the database's clock. Whoever was connected to one whose lease has
-- run out has left.
CREATE TABLE live_replica (
  replica_id BINARY(16) NOT NULL,
  target VARCHAR(255) CHARACTER SET ascii NOT NULL COMMENT 'where the other replicas reach it',
  seen_until DATETIME(6) NOT NULL,
  PRIMARY KEY (replica_id),
  KEY ix_live_replica__seen_until (seen_until)
) DEFAULT CHARSET=utf8mb4
