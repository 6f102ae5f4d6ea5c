-- Whether the value is far from the patient's earlier one, and which that was.
ALTER TABLE observation
  ADD COLUMN delta TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN prior_value VARCHAR(280) NULL COMMENT 'with its unit',
  ADD COLUMN prior_observed_at DATETIME(6) NULL
