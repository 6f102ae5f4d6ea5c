-- Bookings as scheduling's events tell of them: which session each is of, and whether it holds a seat there.
CREATE TABLE offered_seat (
  booking_id BINARY(16) NOT NULL,
  session_id BINARY(16) NOT NULL,
  taken TINYINT NOT NULL,
  PRIMARY KEY (booking_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
