-- Held by who takes a report in, shut by who changes a mapping: a report is mapped by what is in force when it is committed.
CREATE TABLE mapping_gate (
  organization_id BINARY(16) NOT NULL COMMENT 'nil: the region',
  PRIMARY KEY (organization_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
