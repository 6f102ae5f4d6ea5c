-- What departments treat; ordinal: the place in the department's own list.
CREATE TABLE catalog_condition (
  department_id BINARY(16) NOT NULL,
  ordinal INT NOT NULL,
  code_system VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (department_id, ordinal)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
