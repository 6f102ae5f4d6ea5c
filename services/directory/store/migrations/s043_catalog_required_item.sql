-- What departments want before they look. directions and urgencies: bit n for the value n; 0 for all.
CREATE TABLE catalog_required_item (
  department_id BINARY(16) NOT NULL,
  ordinal INT NOT NULL,
  code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind TINYINT NOT NULL,
  name VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  directions INT NOT NULL,
  urgencies INT NOT NULL,
  PRIMARY KEY (department_id, ordinal),
  UNIQUE KEY uq_catalog_required_item__department_code (department_id, code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
