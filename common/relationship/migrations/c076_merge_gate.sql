-- Who writes a row that names a person holds the person's gate open until the commit; a merge shuts it while it moves rows.
-- A row that is not there cannot be locked, so there are a few for all people (relationship::HoldLive).
CREATE TABLE merge_gate (
  gate TINYINT UNSIGNED NOT NULL,
  merges BIGINT NOT NULL,
  PRIMARY KEY (gate)
) ENGINE = InnoDB
