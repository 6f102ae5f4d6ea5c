-- Who has come to a live session. connection_id and replica_id are where they are now; NULL: not there.
CREATE TABLE live_participant (
  live_session_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  standing TINYINT NOT NULL COMMENT '1 waiting, 2 admitted, 3 removed',
  moderator BOOLEAN NOT NULL,
  muted BOOLEAN NOT NULL,
  hand_raised BOOLEAN NOT NULL,
  connection_id BINARY(16) NULL,
  replica_id BINARY(16) NULL,
  PRIMARY KEY (live_session_id, practitioner_id),
  KEY ix_live_participant__replica (replica_id)
) DEFAULT CHARSET=utf8mb4
