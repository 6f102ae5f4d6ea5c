-- A seat taken for a patient. live_seat_number and live_referral_id repeat seat_number and referral_id while the booking
-- takes the seat, or is live, and are NULL afterwards: the two unique keys say "one booking a seat" and "one live booking
-- a referral" whatever the code does.
CREATE TABLE booking (
  booking_id BINARY(16) NOT NULL,
  session_id BINARY(16) NOT NULL,
  session_organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  seat_number INT NOT NULL,
  live_seat_number INT NULL,
  starts_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  referral_id BINARY(16) NULL,
  live_referral_id BINARY(16) NULL,
  state VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hold_expires_at DATETIME(6) NOT NULL,
  reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (booking_id),
  UNIQUE KEY uq_booking__session_id_live_seat_number (session_id, live_seat_number),
  UNIQUE KEY uq_booking__live_referral_id (live_referral_id),
  KEY ix_booking__patient_id_ends_at (patient_id, ends_at),
  KEY ix_booking__session_id_state (session_id, state, hold_expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
