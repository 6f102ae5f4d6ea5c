-- The rows of this service that a merge gave to the survivor: what its undoing takes back, and nothing else. row_part tells
-- rows of one id apart (versions of a report); 0 where the id is the whole key.
CREATE TABLE moved_row (
  merge_id BINARY(16) NOT NULL,
  table_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_id BINARY(16) NOT NULL,
  row_part BIGINT NOT NULL,
  PRIMARY KEY (merge_id, table_name, row_id, row_part)
) ENGINE = InnoDB
