-- Reference intervals by laboratory or region, analyte, people, method and date.
CREATE TABLE reference_interval (
  interval_id BINARY(16) NOT NULL COMMENT 'made of what tells intervals apart',
  organization_id BINARY(16) NOT NULL COMMENT 'nil: the region',
  loinc VARCHAR(16) NOT NULL,
  sex TINYINT NOT NULL COMMENT '0: both',
  age_from_days INT NOT NULL,
  age_to_days INT NOT NULL COMMENT 'the first that it is not for',
  method VARCHAR(64) NOT NULL COMMENT 'empty: every one',
  effective_from DATE NOT NULL,
  effective_to DATE NULL COMMENT 'the first day on which it is not in force',
  unit VARCHAR(64) NOT NULL,
  low VARCHAR(32) NOT NULL COMMENT 'plain digits; empty: none',
  high VARCHAR(32) NOT NULL,
  critically_low VARCHAR(32) NOT NULL,
  critically_high VARCHAR(32) NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (interval_id),
  KEY ix_reference_interval__organization (organization_id, loinc, interval_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
