-- Who is what in which team, over time; ended_at NULL: open. One leader at a time, and one role of a practitioner: checked with
-- the team's row locked.
CREATE TABLE team_member (
  team_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  role VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (team_id, practitioner_id, started_at),
  KEY ix_team_member__practitioner (practitioner_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
