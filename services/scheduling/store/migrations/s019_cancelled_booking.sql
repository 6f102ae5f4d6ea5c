-- A booking of a cancelled session, and what became of it: PENDING, RELEASED, REFERRAL (which was told), or WAIT_LIST, with the
-- entry that was made or found for its patient.
CREATE TABLE cancelled_booking (
  session_id BINARY(16) NOT NULL,
  booking_id BINARY(16) NOT NULL,
  outcome VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  entry_id BINARY(16) NULL,
  PRIMARY KEY (session_id, booking_id),
  KEY ix_cancelled_booking__session_id_outcome (session_id, outcome)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
