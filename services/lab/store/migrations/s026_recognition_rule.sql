-- When results of an item may be recognized instead of ordering it anew.
CREATE TABLE recognition_rule (
  rule_id BINARY(16) NOT NULL COMMENT 'made of item and first day',
  loinc VARCHAR(16) NOT NULL,
  effective_from DATE NOT NULL,
  effective_to DATE NULL COMMENT 'the first day on which it is not in force',
  least_scope TINYINT NOT NULL,
  max_age_hours INT NOT NULL,
  methods VARCHAR(1400) NOT NULL COMMENT 'one a line; empty: every one',
  excluded INT UNSIGNED NOT NULL COMMENT 'circumstances, one bit each',
  version BIGINT NOT NULL,
  PRIMARY KEY (rule_id),
  KEY ix_recognition_rule__loinc (loinc, effective_from)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
