-- A patient who waits for a seat of a department. turn: the order of offers, fair between organizations (domain/wait_list.h).
-- live_patient_id repeats patient_id while the entry waits or has an offer: the unique key says "once a department". session_id
-- and practitioner_id NULL: any. cancelled_booking_id: the booking whose session was cancelled, for which the entry was made. offer_*: the last offer, whose seat the booking of that id holds.
CREATE TABLE wait_list_entry (
  entry_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  session_organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL,
  session_id BINARY(16) NULL,
  practitioner_id BINARY(16) NULL,
  starts_from DATETIME(6) NOT NULL,
  starts_before DATETIME(6) NOT NULL,
  state VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  live_patient_id BINARY(16) NULL,
  turn BIGINT NOT NULL,
  passed INT NOT NULL,
  offer_booking_id BINARY(16) NULL,
  offer_session_id BINARY(16) NULL,
  offer_starts_at DATETIME(6) NULL,
  offer_expires_at DATETIME(6) NULL,
  cancelled_booking_id BINARY(16) NULL,
  reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (entry_id),
  UNIQUE KEY uq_wait_list_entry__department_id_live_patient_id (department_id, live_patient_id),
  KEY ix_wait_list_entry__department_id_state_turn (department_id, state, turn, entry_id),
  KEY ix_wait_list_entry__organization_id_state (organization_id, state, entry_id),
  KEY ix_wait_list_entry__session_organization_id_state (session_organization_id, state, entry_id),
  KEY ix_wait_list_entry__offer_booking_id (offer_booking_id),
  KEY ix_wait_list_entry__patient_id (patient_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
