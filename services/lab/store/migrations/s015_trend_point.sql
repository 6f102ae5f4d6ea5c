-- What readers see of each analyte of each patient, for trends. The primary key is the reading order: a trend is one stretch of
-- neighbouring rows, whatever the table's size. Not partitioned: a month's partition would make one trend of ten years a search
-- in 120 trees, and the key would still have to begin with the patient.
CREATE TABLE trend_point (
  patient_id BINARY(16) NOT NULL,
  loinc VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  observed_at DATETIME(6) NOT NULL,
  report_id BINARY(16) NOT NULL,
  ordinal INT NOT NULL COMMENT 'of the observation in its report',
  report_version INT NOT NULL,
  performing_organization_id BINARY(16) NOT NULL,
  ordering_organization_id BINARY(16) NOT NULL,
  display VARCHAR(256) NOT NULL,
  value_type TINYINT NOT NULL,
  value VARCHAR(200) NOT NULL COMMENT 'exactly as sent, never a floating-point number',
  unit VARCHAR(64) NOT NULL,
  ucum_unit VARCHAR(64) NOT NULL,
  method VARCHAR(64) NOT NULL,
  reference_range VARCHAR(256) NOT NULL,
  status TINYINT NOT NULL,
  interpretation TINYINT NOT NULL,
  applied_interval VARCHAR(160) NOT NULL,
  disagrees BOOLEAN NOT NULL,
  PRIMARY KEY (patient_id, loinc, observed_at, report_id, ordinal)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
