-- Sessions as scheduling's events tell of them. reserved: seats of every pool but the open one; taken: bookings that hold
-- a seat (offered_seat). kind: the number of yilian.scheduling.v1.SessionKind.
CREATE TABLE offered_session (
  session_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL,
  kind TINYINT NOT NULL,
  starts_at DATETIME(6) NOT NULL,
  seats INT NOT NULL,
  reserved INT NOT NULL,
  taken INT NOT NULL,
  PRIMARY KEY (session_id),
  KEY ix_offered_session__department_start (department_id, starts_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
