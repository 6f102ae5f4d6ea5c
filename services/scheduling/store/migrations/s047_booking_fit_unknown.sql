-- Whether it was not known that the session is for the patient, who was let in all the same: a person decides.
ALTER TABLE booking ADD COLUMN fit_unknown TINYINT NOT NULL DEFAULT 0
