-- Which organization may see which person's data, as told by the directory's events. One row a reason: while one of an
-- organization's rows is live, the relationship holds. The key starts with what every check asks for.
CREATE TABLE relationship (
  data_subject_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  source VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source_id BINARY(16) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NULL,
  PRIMARY KEY (data_subject_id, organization_id, source, source_id)
) ENGINE = InnoDB
