-- One row a seat: what is scarce is a key. state FREE or TAKEN; pool_organization_id is 16 zero bytes but for
-- ORGANIZATION, so that one index finds a free seat of a pool without sorting (a sort would lock every candidate).
CREATE TABLE seat (
  session_id BINARY(16) NOT NULL,
  seat_number INT NOT NULL,
  pool VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  pool_organization_id BINARY(16) NOT NULL,
  state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  booking_id BINARY(16) NULL,
  PRIMARY KEY (session_id, seat_number),
  KEY ix_seat__session_id_state_pool (session_id, state, pool, pool_organization_id, seat_number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
