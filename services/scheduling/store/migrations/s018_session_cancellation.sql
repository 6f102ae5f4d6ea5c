-- A session that was cancelled as a whole; session.cancelled alone is also 1 for one that its template withdrew.
CREATE TABLE session_cancellation (
  session_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  bookings INT NOT NULL,
  cancelled_at DATETIME(6) NOT NULL,
  PRIMARY KEY (session_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
