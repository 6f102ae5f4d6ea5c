-- What departments can do.
CREATE TABLE catalog_capability (
  department_id BINARY(16) NOT NULL,
  capability VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (department_id, capability)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
