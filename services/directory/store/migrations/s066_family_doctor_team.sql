-- Family-doctor teams.
CREATE TABLE family_doctor_team (
  team_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (team_id),
  UNIQUE KEY uq_family_doctor_team__organization_name (organization_id, name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
