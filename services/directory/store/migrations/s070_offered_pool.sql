-- Seats of a session that are next to each other and in one pool, as scheduling's events tell of them. kind: the number of
-- yilian.scheduling.v1.PoolKind; taken: bookings that hold a seat of it.
CREATE TABLE offered_pool (
  session_id BINARY(16) NOT NULL,
  first_seat INT NOT NULL,
  last_seat INT NOT NULL,
  kind TINYINT NOT NULL,
  organization_id BINARY(16) NOT NULL COMMENT 'zero: not one organization alone',
  taken INT NOT NULL,
  PRIMARY KEY (session_id, first_seat)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
