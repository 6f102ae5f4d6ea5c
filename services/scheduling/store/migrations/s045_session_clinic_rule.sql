-- Whom a session is for; NULL: for all of that. rule_date: its date at the site, on which ages are counted; NULL without a rule.
ALTER TABLE session
  ADD COLUMN least_age INT NULL,
  ADD COLUMN least_age_unit VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN greatest_age INT NULL,
  ADD COLUMN greatest_age_unit VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN patient_sex VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN rule_date DATE NULL
