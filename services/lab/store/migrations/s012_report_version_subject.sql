-- What reference intervals ask of the patient, as the message said it: no birth date is kept.
ALTER TABLE report_version
  ADD COLUMN patient_age_days INT NULL COMMENT 'on the day of issue',
  ADD COLUMN patient_sex TINYINT NOT NULL DEFAULT 0
