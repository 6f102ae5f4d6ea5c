-- Whom the sessions of a template are for, as in session.
ALTER TABLE session_template
  ADD COLUMN least_age INT NULL,
  ADD COLUMN least_age_unit VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN greatest_age INT NULL,
  ADD COLUMN greatest_age_unit VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN patient_sex VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL
