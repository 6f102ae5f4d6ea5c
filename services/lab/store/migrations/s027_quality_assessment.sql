-- Which external quality assessments laboratories have passed.
CREATE TABLE quality_assessment (
  assessment_id BINARY(16) NOT NULL COMMENT 'made of laboratory, item, method and first day',
  organization_id BINARY(16) NOT NULL,
  loinc VARCHAR(16) NOT NULL,
  method VARCHAR(64) NOT NULL COMMENT 'empty: every one',
  valid_from DATE NOT NULL,
  valid_to DATE NOT NULL COMMENT 'the first day on which it is not valid',
  scope TINYINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (assessment_id),
  KEY ix_quality_assessment__loinc (loinc, organization_id, valid_from)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
