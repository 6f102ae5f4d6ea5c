-- Contracts with teams, their renewal and their end. follows_id: the resident's contract before it, or, for the first one, the
-- resident: of all who sign at once one comes after it. NULL for those of an earlier release. A merge brings the two rows of
-- contracts of two records together; their keys stay apart, because the first of each names another record.
ALTER TABLE contract
  ADD COLUMN team_id BINARY(16) NULL,
  ADD COLUMN service_package VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN renews_id BINARY(16) NULL,
  ADD COLUMN follows_id BINARY(16) NULL,
  ADD COLUMN terminated_at DATETIME(6) NULL,
  ADD COLUMN termination_reason VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD UNIQUE KEY uq_contract__follows (patient_id, follows_id),
  ADD KEY ix_contract__team (team_id, end_date, contract_id)
