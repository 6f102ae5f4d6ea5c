-- Merges, also undone ones. live_merged_id repeats merged_id until the merge is undone: a record is merged into one other
-- at a time.
CREATE TABLE patient_merge (
  merge_id BINARY(16) NOT NULL,
  survivor_id BINARY(16) NOT NULL,
  merged_id BINARY(16) NOT NULL,
  live_merged_id BINARY(16) NULL,
  merged_at DATETIME(6) NOT NULL,
  undone_at DATETIME(6) NULL,
  PRIMARY KEY (merge_id),
  UNIQUE KEY uq_patient_merge__live_merged (live_merged_id),
  KEY ix_patient_merge__survivor (survivor_id, merge_id),
  KEY ix_patient_merge__merged (merged_id, merge_id)
) ENGINE = InnoDB
