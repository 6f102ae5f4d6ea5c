-- What the sender's code and unit are in LOINC and UCUM, beside what was sent.
ALTER TABLE observation
  ADD COLUMN loinc VARCHAR(16) NULL,
  ADD COLUMN ucum_unit VARCHAR(64) NULL,
  ADD COLUMN code_mapping TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN unit_mapping TINYINT NOT NULL DEFAULT 0
