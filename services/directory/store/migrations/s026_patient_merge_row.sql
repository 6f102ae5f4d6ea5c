-- The rows that a merge gave to the survivor: what an undo takes back, and nothing else.
CREATE TABLE patient_merge_row (
  merge_id BINARY(16) NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_id BINARY(16) NOT NULL,
  PRIMARY KEY (merge_id, kind, row_id)
) ENGINE = InnoDB
